/** A host that is not as it should be: each time one sentence with a code, no trace of a stack, and nothing left. */
import { chmodSync, copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { type CommandResult, runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { TSNET } from '../../helpers/tsnet.ts'
import { hostWithBusybox } from '../cli/world.ts'

let host: FakeHost
test.before(async () => {
  host = await hostWithBusybox()
  await host.tsnet(...run)
})
test.after.always(() => host[Symbol.asyncDispose]())

const run = ['run', '--rm', 'busybox', 'true']

function isOneSentence(t: ExecutionContext, { status, stderr }: CommandResult, code: string, expected = 125): void {
  t.is(status, expected, stderr)
  t.regex(stderr, new RegExp(`^tsnet: [^\\n]* \\(${code}\\)\\n$`))
}

for (const capability of ['sys_admin', 'net_admin']) {
  test.serial(`root without cap_${capability}, as in a container, is told what is missing`, async t => {
    if (!requires.root(t) || !requires.tool(t, 'setpriv')) return
    const before = await host.snapshot()
    const without = ['setpriv', '--inh-caps', `-${capability}`, '--bounding-set', `-${capability}`]
    const result = await runCommand([...without, TSNET, ...run], { env: host.roots.env })
    isOneSentence(t, result, 'permission-denied')
    t.true(result.stderr.includes(`CAP_${capability.toUpperCase()}`))
    await host.assertAsBefore(before, { except: [/cgroups:/] })
  })
}

for (const [what, line, code] of [
  ['an argument that is not UTF-8', 'tsnet run --rm busybox echo "$(printf "a\\377")"', 'invalid-argument'],
  ['a name with control characters', 'tsnet run --rm busybox "$(printf "\\033[2Jno\\nsuch")"', 'command-not-found'],
  ['a file for the id where there is no folder', 'tsnet run --rm --cidfile no/such busybox true', 'invalid-argument'],
] as const) {
  test.serial(`${what} is told in one sentence that a terminal can show`, async t => {
    if (!requires.root(t)) return
    const script = `cd ${host.roots.root}; tsnet() { ${TSNET} "$@"; }; ${line}`
    const result = await runCommand(['sh', '-c', script], { env: host.roots.env })
    isOneSentence(t, result, code, code === 'command-not-found' ? 127 : 125)
    t.notRegex(result.stderr.trimEnd(), /\p{Cc}/u)
  })
}

test.serial('folders for the state that cannot be made are refused, and never waited for', async t => {
  if (!requires.root(t)) return
  for (const words of [['--root', '/proc/none/x'], ['--root', '/etc/passwd'], ['--run-root', '/etc/passwd'], ['--run-root', '/proc/none']]) {
    isOneSentence(t, await host.tsnetWith({ timeoutMs: 10_000 }, ...words, 'ps'), 'store-error', 1)
  }
})

test.serial('an image whose layer was deleted by hand is told to be loaded again, and is whole after that', async t => {
  if (!requires.root(t)) return
  const layers = join(host.roots.root, 'layers')
  const [key = ''] = readdirSync(layers)
  renameSync(join(layers, key), join(host.roots.root, 'kept'))
  const before = await host.snapshot()
  isOneSentence(t, await host.tsnet(...run), 'invalid-image')
  await host.assertAsBefore(before, { except: [/cgroups:/] })
  renameSync(join(host.roots.root, 'kept'), join(layers, key))
  t.is((await host.tsnet(...run)).status, 0)
})

test.serial('the iptables that was chosen is gone: what to do is said, and a later run works', async t => {
  if (!requires.root(t)) return
  t.is((await host.tsnet('firewall', 'use', 'iptables')).status, 0)
  t.is((await host.tsnet(...run)).status, 0)
  const hidden = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /usr/sbin; exec "$@"', 'sh']
  const rules = await host.run('nft', 'list', 'ruleset')
  isOneSentence(t, await runCommand([...hidden, TSNET, 'firewall', 'use', 'nftables'], { env: host.roots.env }), 'firewall-unsupported', 1)
  t.is(await host.run('nft', 'list', 'ruleset'), rules, 'rules that cannot be taken away get no twins')
  const result = await runCommand([...hidden, TSNET, 'run', '--rm', '-p', '8090:80', 'busybox', 'true'], { env: host.roots.env })
  t.is(result.status, 125)
  t.regex(result.stderr, /^tsnet: .*iptables-(save|restore) is not found; install iptables again.*\(firewall-unsupported\)$/m)
  t.is((await host.tsnet('run', '--rm', '-p', '8090:80', 'busybox', 'true')).status, 0)
  t.is((await host.tsnet('ps', '-aq')).stdout, '')
})

test.serial('an iptables that fails is quoted, and a later run works', async t => {
  if (!requires.root(t)) return
  const broken = join(host.roots.runRoot, 'broken')
  mkdirSync(broken)
  writeFileSync(join(broken, 'iptables-restore'), '#!/bin/sh\necho "iptables-restore: no luck today" >&2; exit 4\n')
  chmodSync(join(broken, 'iptables-restore'), 0o755)
  copyFileSync(join(broken, 'iptables-restore'), join(broken, 'ip6tables-restore'))
  const result = await host.tsnetWith({ env: { PATH: `${broken}:${process.env.PATH}` } }, 'run', '--rm', '-p', '8090:80', 'busybox', 'true')
  t.is(result.status, 125)
  t.regex(result.stderr, /^tsnet: .*no luck today.*\(firewall-error\)$/m)
  rmSync(broken, { recursive: true })
  t.is((await host.tsnet('run', '--rm', '-p', '8090:80', 'busybox', 'true')).status, 0)
  t.is((await host.tsnet('ps', '-aq')).stdout, '')
})

test.serial('a folder on a file, and a file on a folder, are explained', async t => {
  if (!requires.root(t)) return
  for (const mount of ['/etc:/etc/passwd', '/etc/passwd:/etc']) {
    const result = await host.tsnet('run', '--rm', '-v', mount, 'busybox', 'true')
    isOneSentence(t, result, 'container-start-failed')
    t.regex(result.stderr, /a folder goes over a folder only, and a file over a file/)
  }
})

test.serial('in a folder that was deleted meanwhile, everything but a relative path works', async t => {
  if (!requires.root(t)) return
  const folder = join(host.roots.runRoot, 'gone')
  mkdirSync(folder)
  const inside = (...words: readonly string[]): Promise<CommandResult> =>
    runCommand(['sh', '-c', 'rmdir "$PWD"; exec "$@"', 'sh', TSNET, ...words], { env: host.roots.env, cwd: folder })
  t.is((await inside(...run)).status, 0)
  mkdirSync(folder, { recursive: true })
  const refused = await inside('run', '--rm', '--rootfs', 'tree', 'true')
  // The launcher's shell has a line of its own about it.
  isOneSentence(t, { ...refused, stderr: refused.stderr.replace(/^.*: getcwd\(\) failed: .*\n/, '') }, 'invalid-argument')
})

test.serial('whatever root keeps from others in its shell, a container\'s user reads its files and reaches its volumes', async t => {
  if (!requires.root(t)) return
  const look = 'id -u; cat /etc/hostname /etc/hosts /etc/resolv.conf >/dev/null && ls -ld /made/volume /made'
  const words = ['run', '--rm', '--hostname', 'h', '-u', '1000', '-v', 'shared:/made/volume', 'busybox', 'sh', '-c', look]
  const { stdout, stderr, status } = await runCommand(['sh', '-c', 'umask 077; exec "$@"', 'sh', TSNET, ...words], { env: host.roots.env })
  t.is(status, 0, stderr)
  t.deepEqual(stdout.trim().split('\n').map(line => line.slice(0, 10)), ['1000', 'drwxr-xr-x', 'drwxr-xr-x'])
  await host.tsnet('volume', 'rm', 'shared')
})

test.serial('where few files may be open, and none more, a port is published all the same', async t => {
  if (!requires.root(t) || !requires.tool(t, 'setpriv')) return
  const limited = ['setpriv', '--inh-caps', '-sys_resource', '--bounding-set', '-sys_resource', 'sh', '-c', 'ulimit -n 64; exec "$@"', 'sh', TSNET]
  const { status, stderr } = await runCommand([...limited, 'run', '--rm', '-p', '8090:80', 'busybox', 'true'], { env: host.roots.env })
  t.is(status, 0, stderr)
  isOneSentence(t, await runCommand([...limited, 'run', '--rm', '-p', '8000-8099:8000-8099', 'busybox', 'true'], { env: host.roots.env }), 'kernel-error')
})

test.serial('where IPv6 is switched off, a network with it says by what', async t => {
  if (!requires.root(t)) return
  const off = '/proc/sys/net/ipv6/conf/all/disable_ipv6'
  writeFileSync(off, '1')
  const result = await host.tsnet('network', 'create', '--ipv6', 'six')
  writeFileSync(off, '0')
  isOneSentence(t, result, 'kernel-feature-missing', 1)
  t.true(result.stderr.includes('net.ipv6.conf.all.disable_ipv6'))
})

for (const [what, folder, mounts, name] of [
  ['cgroups', '/sys', '$2 ~ "^/sys/fs/cgroup/"', '/sys/fs/cgroup'], ['sysctls', '/proc/sys', '$2 == "/proc/sys"', '/proc/sys'],
] as const) {
  test.serial(`with ${what} read-only, as in a container, one sentence says where to write, and nothing is in the way of what comes after`, async t => {
    if (!requires.root(t)) return
    await host.tsnet('network', 'rm', 'bridge')
    const freeze = `mount --rbind ${folder} ${folder} && awk '${mounts} { print $2 }' /proc/mounts | sort -u | xargs -n 1 mount -o remount,ro,bind && exec "$@"`
    const frozen = (...words: readonly string[]): Promise<CommandResult> =>
      runCommand(['unshare', '--mount', 'sh', '-c', freeze, 'sh', TSNET, ...words], { env: host.roots.env })
    const result = await frozen('run', '--rm', 'busybox', 'true')
    isOneSentence(t, result, 'kernel-error')
    t.true(result.stderr.includes(name), result.stderr)
    const { stdout, stderr } = await frozen('ps', '-aq')
    t.deepEqual([stdout, stderr], ['', ''])
    t.is((await host.tsnet(...run)).status, 0)
  })
}

test.serial('a full file system is told as such, and once there is room again nothing is in the way', async t => {
  if (!requires.root(t)) return
  const small = join(host.roots.runRoot, 'small')
  const script = 'mount -t tmpfs -o size=1m none "$0" && { "$@"; cat /dev/zero > "$0/fill"; "$@"; rm "$0/fill"; exec "$@"; }'
  mkdirSync(small)
  const result = await runCommand(['unshare', '--mount', 'sh', '-c', script, small, TSNET, '--root', join(small, 'root'), 'network', 'ls', '-q'])
  t.regex(result.stderr, /^cat: [^\n]*\ntsnet: [^\n]*; is the file system full, or read-only\? \(store-error\)\n$/)
  t.is(result.stdout.split('\n').length, 5)
})
