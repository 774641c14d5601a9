/** The flags of `run`, from the words of the command line to the specification that the engine is given. */
import test from 'ava'
import type { Engine } from '../../../../engine/open.ts'
import { TsnetError } from '../../../../errors/error.ts'
import type { ContainerSpec } from '../../../../runtime/types.ts'
import { dispatch } from '../../../../cli/dispatch.ts'
import { FakeCli } from '../fake-cli.ts'

/** What `containers.run` is asked for by `tsnet run WORDS`. */
async function specOf(...words: readonly string[]): Promise<ContainerSpec> {
  let asked: ContainerSpec | undefined
  const engine: Partial<Engine> = { containers: { run: (spec: ContainerSpec) => {
    asked = spec
    throw new TsnetError('image-not-found', 'enough')
  } } as unknown as Engine['containers'] }
  await dispatch(['run', ...words], new FakeCli(engine, { HOME: '/root' })).catch((error: unknown) => {
    if (asked === undefined) throw error
  })
  if (asked === undefined) throw new Error('run was not called')
  return asked
}

test.serial('without flags', async t => {
  t.deepEqual(await specOf('busybox'), {
    image: 'busybox', command: [], env: [], labels: {}, network: { mode: 'bridge', network: 'bridge' }, ports: [], publishAll: false,
    dns: [], dnsSearch: [], dnsOptions: [], extraHosts: [], readOnly: false, mounts: [], limits: {}, autoRemove: false, detach: false,
    interactive: false, tty: false, noNewPrivileges: false,
  })
})

for (const [words, expected] of [
  [['busybox', 'ls', '-l', '--rm', '-p', 'x'], { command: ['ls', '-l', '--rm', '-p', 'x'], autoRemove: false, ports: [] }],
  [['busybox', '--', 'ls'], { image: 'busybox', command: ['--', 'ls'] }],
  [['--', 'busybox', 'ls'], { image: 'busybox', command: ['ls'] }],
  [['-d', 'busybox'], { detach: true }],
  [['--dns-opt', 'ndots:2', '--dns-option', 'rotate', 'busybox'], { dnsOptions: ['rotate', 'ndots:2'] }],
  [['-dit', 'busybox'], { detach: true, interactive: true, tty: true }],
  [['-dp8080:80', 'busybox'], { detach: true, ports: [{ protocol: 'tcp', host: { first: 8080, last: 8080 }, container: { first: 80, last: 80 } }] }],
  [['-p', '1:1', '-p=2:2', '--publish=3:3/udp', 'busybox'], { ports: [1, 2, 3].map(port => ({
    protocol: port === 3 ? 'udp' : 'tcp', host: { first: port, last: port }, container: { first: port, last: port },
  })) }],
  [['-P', 'busybox'], { publishAll: true }],
  [['--expose', '80', '--expose=80-81/tcp', 'busybox'], { exposed: ['80/tcp', '81/tcp'] }],
  [['--rm=false', '--read-only=true', 'busybox'], { autoRemove: false, readOnly: true }],
  [['--name=web', '-h', 'www', 'busybox'], { name: 'web', hostname: 'www' }],
  [['-e', 'A=1', '-e', 'HOME', '-e', 'UNSET', '--env=B=2', 'busybox'], { env: ['A=1', 'HOME=/root', 'B=2'] }],
  [['-w', '/srv', '-u', '1:2', '--entrypoint', '', 'busybox'], { workdir: '/srv', user: '1:2', entrypoint: '' }],
  [['--net', 'host', 'busybox'], { network: { mode: 'host' } }],
  [['--network=container:web', 'busybox'], { network: { mode: 'container', container: 'web' } }],
  [['--ip', '10.1.0.9', '--ip6', 'fd00::9', '--mac-address', '02:42:0a:01:00:09', 'busybox'], { ip: '10.1.0.9', ip6: 'fd00::9', mac: '02:42:0a:01:00:09' }],
  [['--dns', '192.0.2.53', '--dns', '::1', '--dns-search', 'a.example', '--dns-option', 'ndots:2', 'busybox'],
    { dns: ['192.0.2.53', '::1'], dnsSearch: ['a.example'], dnsOptions: ['ndots:2'] }],
  [['--add-host', 'db:10.0.0.1', '--add-host', 'six=::1', '--add-host', 'me:host-gateway', 'busybox'],
    { extraHosts: ['db:10.0.0.1', 'six:::1', 'me:host-gateway'] }],
  [['-v', '/srv:/data:ro', '-v', 'store:/x', 'busybox'],
    { mounts: [{ kind: 'bind', source: '/srv', target: '/data', readOnly: true }, { kind: 'volume', source: 'store', target: '/x', readOnly: false }] }],
  [['-m', '512m', '--cpus', '1.5', '--pids-limit', '100', 'busybox'], { limits: { memoryBytes: 536_870_912, cpuQuotaUs: 150_000, pids: 100 } }],
  [['--pids-limit', '-1', 'busybox'], { limits: {} }],
  [['--stop-timeout', '3', '--stop-signal', 'INT', 'busybox'], { stopTimeoutSeconds: 3, stopSignal: 'INT' }],
  [['-l', 'a=b', '--label', 'c', 'busybox'], { labels: { a: 'b', c: '' } }],
  [['--security-opt', 'no-new-privileges', '--runtime', 'runc', 'busybox'], { noNewPrivileges: true, runtime: 'runc' }],
  [['--security-opt', 'no-new-privileges:false', 'busybox'], { noNewPrivileges: false }],
] as const) {
  test.serial(`run ${words.map(word => word === '' ? '\'\'' : word).join(' ')}`, async t => {
    t.like(await specOf(...words), expected)
  })
}

test.serial('--rootfs takes the place of the image, and a relative folder is of the caller\'s', async t => {
  const spec = await specOf('--rootfs', 'tree', 'sh', '-c', 'x')
  t.like(spec, { rootfs: '/home/me/tree', command: ['sh', '-c', 'x'] })
  t.false('image' in spec)
})

for (const [words, code, message] of [
  [['-p', 'x', 'busybox'], 'invalid-port', /^publish "x": /],
  [['-v', 'x', 'busybox'], 'invalid-argument', /^mount "x": /],
  [['-e', '=x', 'busybox'], 'invalid-argument', /^environment "=x": /],
  [['-l', '=x', 'busybox'], 'invalid-argument', /^label "=x": /],
  [['-m', 'much', 'busybox'], 'invalid-argument', /^--memory "much": /],
  [['--cpus', 'two', 'busybox'], 'invalid-argument', /^--cpus "two": /],
  [['--pids-limit', 'x', 'busybox'], 'invalid-argument', /^--pids-limit "x": /],
  [['--stop-timeout', 'x', 'busybox'], 'invalid-argument', /^--stop-timeout "x": /],
  [['--security-opt', 'seccomp=unconfined', 'busybox'], 'invalid-argument', /^--security-opt "seccomp=unconfined": .*there is no-new-privileges/],
  [['--rootfs', '', 'sh'], 'invalid-argument', /^--rootfs: the folder is missing/],
  [['--net=', 'busybox'], 'invalid-argument', /^--network: the name is empty/],
  [['--detach=maybe', 'busybox'], 'invalid-argument', /--detach/],
] as const) {
  test.serial(`run ${words.join(' ')} is refused`, async t => {
    await t.throwsAsync(specOf(...words), { code, message })
  })
}
