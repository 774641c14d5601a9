/** What another program deletes behind tsnet's back, and the removal of what is left of it. */
import test from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { hostWithBusybox } from '../cli/world.ts'

let host: FakeHost
test.before(async () => {
  host = await hostWithBusybox()
})
test.after.always(() => host[Symbol.asyncDispose]())

const addressIn = (network: string): readonly string[] =>
  ['run', '--rm', '--net', network, 'busybox', 'sh', '-c', 'ip -4 -o addr show eth0; ping -c 1 -W 2 "$(ip route | sed -n "s/default via \\([^ ]*\\).*/\\1/p")"']

for (const backend of ['iptables', 'nftables']) {
  test.serial(`a bridge that was deleted by hand is made again for the next container (${backend})`, async t => {
    if (!requires.root(t)) return
    t.is((await host.tsnet('firewall', 'use', backend)).status, 0)
    const before = await host.snapshot()
    t.is((await host.tsnet('network', 'create', '--subnet', '10.44.0.0/24', 'blue')).status, 0)
    const [{ ifname: bridge } = { ifname: '' }] = await host.json<readonly { ifname: string }[]>('ip', '-j', 'link', 'show', 'type', 'bridge')
    await host.run('ip', 'link', 'del', bridge)
    const { status, stdout, stderr } = await host.tsnet(...addressIn('blue'))
    t.is(status, 0, stderr)
    t.regex(stdout, /inet 10\.44\.0\.2\/24[^]* 0% packet loss/)
    t.is((await host.tsnet('network', 'rm', 'blue')).status, 0)
    await host.assertAsBefore(before, { except: [/cgroups:/, /sysctls:/, /files:/] })
  })
}

test.serial('what is set down, flushed or turned off by hand is there again for the next container, and for those that run', async t => {
  if (!requires.root(t)) return
  t.is((await host.tsnet('network', 'create', '--subnet', '10.45.0.0/24', '-o', 'com.docker.network.bridge.name=drift0', 'blue')).status, 0)
  t.is((await host.tsnet('run', '-d', '--name', 'member', '--net', 'blue', 'busybox', 'sleep', '600')).status, 0)
  for (const damage of ['ip link set drift0 down', 'ip addr flush dev drift0', 'sysctl -qw net.ipv4.ip_forward=0', 'ip addr flush dev drift0; ip link set drift0 down']) {
    await host.run('sh', '-c', damage)
    const { status, stderr } = await host.tsnet('run', '--rm', '--net', 'blue', 'busybox', 'ping', '-c', '1', '-W', '2', '192.0.2.2')
    t.is(status, 0, `${damage}: ${stderr}`)
    t.is(stderr, '', damage)
    t.is((await host.tsnet('exec', 'member', 'ping', '-c', '1', '-W', '2', '192.0.2.2')).status, 0, damage)
  }
  t.is((await host.tsnet('rm', '-f', 'member')).status, 0)
  t.is((await host.tsnet('network', 'rm', 'blue')).status, 0)
})

test.serial('a container without link, namespace file or folder is removed like any other', async t => {
  if (!requires.root(t)) return
  await host.tsnet('run', '--rm', 'busybox', 'true')
  const before = await host.snapshot()
  for (const damage of [
    'ip -o link | sed -n "s/^[0-9]*: \\(ts[0-9a-f]*\\)@.*/\\1/p" | xargs -n 1 ip link del', 'umount "$1"/netns/*', 'rm -rf "$0"/containers/*',
  ]) {
    t.is((await host.tsnet('run', '-d', '--name', 'web', '-p', '8107:80', 'busybox', 'sleep', '600')).status, 0)
    await host.run('sh', '-c', damage, host.roots.root, host.roots.runRoot)
    const { status, stderr } = await host.tsnet('rm', '-f', 'web')
    t.is(stderr, '', damage)
    t.is(status, 0)
    await host.assertAsBefore(before, { except: [/cgroups:/] })
  }
})
