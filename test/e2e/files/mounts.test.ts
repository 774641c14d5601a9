/** Mounts as users of Docker expect them: links in the root, read-only all the way down, groups. */
import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { busyboxTree } from '../../helpers/busybox-image.ts'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { hostWithBusybox } from '../cli/world.ts'

let host: FakeHost
test.before(async () => {
  host = await hostWithBusybox()
})
test.after.always(() => host[Symbol.asyncDispose]())

test.serial('a root whose resolv.conf points into an empty /run, as with systemd, gets its file where the link leads', async t => {
  if (!requires.root(t)) return
  const tree = join(host.roots.root, 'tree')
  mkdirSync(tree)
  await busyboxTree(tree)
  symlinkSync('../run/systemd/resolve/stub-resolv.conf', join(tree, 'etc/resolv.conf'))
  const { status, stdout, stderr } = await host.tsnet('run', '--rm', '--dns', '192.0.2.7', '--rootfs', tree, 'cat', '/etc/resolv.conf')
  t.is(status, 0, stderr)
  t.is(stdout, 'nameserver 192.0.2.7\n')
  t.true(lstatSync(join(tree, 'etc/resolv.conf')).isSymbolicLink())
})

test.serial('an image whose /etc is a link to nothing starts all the same, and nothing is made on the host', async t => {
  if (!requires.root(t)) return
  const tree = join(host.roots.root, 'linked')
  const outside = join(host.roots.root, 'outside')
  for (const folder of [tree, outside]) mkdirSync(folder)
  await busyboxTree(tree)
  rmSync(join(tree, 'etc'), { recursive: true })
  symlinkSync(outside, join(tree, 'etc'))
  execFileSync('tar', ['-C', tree, '-cf', `${tree}.tar`, '.'])
  t.is((await host.tsnet('image', 'import', `${tree}.tar`, 'linked')).status, 0)
  for (const from of [['--rootfs', tree], ['linked']]) {
    const { status, stdout, stderr } = await host.tsnet('run', '--rm', '-h', 'inside', ...from, 'cat', '/etc/hostname')
    t.is(status, 0, stderr)
    t.is(stdout, 'inside\n')
  }
  t.throws(() => lstatSync(join(outside, 'hostname')), { code: 'ENOENT' })
})

test.serial('a read-only bind mount is read-only in the mounts below it, too', async t => {
  if (!requires.root(t)) return
  const folder = join(host.roots.root, 'given')
  mkdirSync(join(folder, 'below'), { recursive: true })
  await host.run('mount', '-t', 'tmpfs', 'below', join(folder, 'below'))
  writeFileSync(join(folder, 'below/file'), 'x')
  const { stdout } = await host.tsnet('run', '--rm', '-v', `${folder}:/given:ro`, 'busybox', 'sh', '-c',
    'cat /given/below/file; touch /given/below/new 2>/dev/null || echo " read-only"')
  await host.run('umount', join(folder, 'below'))
  t.is(stdout, 'x read-only\n')
})

test.serial('the primary group is among the supplementary ones', async t => {
  if (!requires.root(t)) return
  const groups = async (...user: readonly string[]): Promise<string> =>
    (await host.tsnet('run', '--rm', ...user, 'busybox', 'sed', '-n', 's/^Groups:[ \\t]*//p', '/proc/self/status')).stdout.trim()
  t.is(await groups(), '0')
  t.is(await groups('-u', 'guest'), '10 1000')
  t.is(await groups('-u', '1000:7'), '7')
})
