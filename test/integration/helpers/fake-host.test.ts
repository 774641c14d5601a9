import { existsSync, mkdtempSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { busyboxTree } from '../../helpers/busybox-image.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'

test.serial('the host reaches outside by IPv4 and IPv6, and outside sees the host\'s address', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  t.true(await host.reaches('192.0.2.2'))
  t.true(await host.reaches('2001:db8::2'))
  const tcp = await host.outside.serveTcp(8080)
  t.is(await host.run('nc', '-w2', '192.0.2.2', String(tcp.port)), '192.0.2.1\n')
  t.is(await host.run('nc', '-w2', '2001:db8::2', String(tcp.port)), '2001:db8::1\n')
  await host.outside.serveTcp(80, { http: true })
  t.is(await host.run('curl', '-s', '-m2', 'http://192.0.2.2/'), '192.0.2.1\n')
  await host.outside.serveUdp(5353)
  t.is(await host.run('sh', '-c', 'echo hello | nc -u -w1 192.0.2.2 5353'), '192.0.2.1\n')
})

test.serial('a host begins without forwarding and has only lo and its uplink', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  t.is(readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim(), '0')
  const links = await host.json('ip', '-j', 'link')
  t.deepEqual(links.map(link => link.ifname), ['lo', 'up0'])
})

test.serial('a neighbour is reached over its own link', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const lan = await host.neighbour('lan', { link: 'lan0', addresses: [{ host: '198.51.100.1/24', neighbour: '198.51.100.2/24' }] })
  t.true(await lan.reaches('198.51.100.1'))
  t.false(await lan.reaches('192.0.2.2'))
})

test.serial('making and disposing of a host leaves nothing behind', async t => {
  if (!requires.root(t)) return
  const { takeSnapshot, snapshotDifference } = await import('../../helpers/snapshot.ts')
  await FakeHost.create().then(host => host[Symbol.asyncDispose]())
  const before = await takeSnapshot()
  const host = await FakeHost.create()
  await host.outside.serveTcp(8080)
  await host[Symbol.asyncDispose]()
  // The cgroups are the machine's, and other containers come and go there.
  t.deepEqual(snapshotDifference(before, await takeSnapshot()).filter(line => !line.includes(' cgroups: ')), [])
})

test.serial('a snapshot sees a link, an address, a rule, a sysctl, a mount, a cgroup, a file and a process that were not there', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const before = await host.snapshot()
  const cgroup = `/sys/fs/cgroup/pids/tsnet-test-${process.pid}`
  await host.run('ip', 'link', 'add', 'br9', 'type', 'bridge')
  await host.run('ip', 'addr', 'add', '10.9.0.1/24', 'dev', 'br9')
  await host.run('iptables', '-t', 'nat', '-A', 'POSTROUTING', '-s', '10.9.0.0/24', '-j', 'MASQUERADE')
  await host.run('nft', 'add', 'table', 'inet', 'nine')
  await host.run('nft', 'add', 'chain', 'inet', 'nine', 'own')
  await host.run('mount', '-t', 'tmpfs', 'nine', '/mnt')
  await host.run('mkdir', cgroup)
  t.teardown(() => { if (existsSync(cgroup)) rmdirSync(cgroup) })
  await host.run('sysctl', '-qw', 'net.ipv4.ip_forward=1')
  writeFileSync(join(host.roots.root, 'nine'), '')
  const sleeper = host.spawn(['sleep', '60'], { stdio: 'ignore' })
  const error = await t.throwsAsync(host.assertAsBefore(before))
  for (const line of [
    '+ links: br9 kind="bridge"', '+ addresses: br9 10.9.0.1/24', '+ iptables: nat -A POSTROUTING', '+ nft: chain', '+ mounts: /mnt tmpfs',
    `+ cgroups: ${cgroup}`, '- sysctls: net/ipv4/ip_forward=0', '+ files:', '+ processes: sleep 60',
  ]) t.true(error.message.includes(line), `${line} in ${error.message}`)
  sleeper.kill('SIGKILL')
  await host.run('sysctl', '-qw', 'net.ipv4.ip_forward=0')
  await host.run('rmdir', cgroup)
  await host.run('umount', '/mnt')
  await host.run('nft', 'flush', 'ruleset')
  await host.run('ip', 'link', 'del', 'br9')
  rmSync(join(host.roots.root, 'nine'))
  await t.notThrowsAsync(host.assertAsBefore(before))
})

test.serial('the busybox file system runs a command in a chroot', async t => {
  if (!requires.root(t)) return
  const root = mkdtempSync(join(tmpdir(), 'rootfs-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  await busyboxTree(root)
  t.is(execFileSync('chroot', [root, '/bin/sh', '-c', 'echo $(id -un); wc -l < /etc/passwd'], { encoding: 'utf8' }), 'root\n3\n')
  t.is(statSync(join(root, 'tmp')).mode & 0o7777, 0o1777)
})
