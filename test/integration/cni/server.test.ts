/** The thin client and its server: the same answers as without, nothing of the caller's opened, and a server that goes fails no call. */
import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import test from 'ava'
import { installCni } from '../../../cni/install.ts'
import { listenCni } from '../../../cni/server/listen.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { CHECKOUT } from '../../helpers/tsnet.ts'
import { type CallSpec, type Json, bridgeConfig, environmentOf, tsnetConfig, withContainers } from './lab.ts'

interface Scene { readonly folder: string, readonly socket: string, readonly call: (program: string, spec: CallSpec) => Promise<{ readonly status: number, readonly stdout: string, readonly result: Json }> }

async function withClient(host: FakeHost, act: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = mkdtempSync('/run/cni-bin-')
  const socket = join(host.roots.runRoot, 'cni.sock')
  installCni({ folder, socket, standalone: join(CHECKOUT, 'bin/tsnet-cni'), plugins: ['tsnet', 'bridge', 'host-local', 'portmap'] })
  await act({
    folder, socket,
    async call(program, spec) {
      const { status, stdout, stderr } = await runCommand([join(folder, program)], {
        input: typeof spec.config === 'string' ? spec.config : JSON.stringify(spec.config), env: { ...environmentOf({ path: folder, ...spec }), ...host.roots.env },
      })
      if (stderr !== '') throw new Error(stderr)
      return { status, stdout, result: stdout === '' ? {} : JSON.parse(stdout) as Json }
    },
  })
  rmSync(folder, { recursive: true })
}

async function withServer<T>(host: FakeHost, act: () => Promise<T>): Promise<T> {
  const lines: string[] = []
  const served = async (): Promise<T> => {
    await using doors = new AsyncDisposableStack()
    doors.adopt(await listenCni({ roots: host.roots, log: line => lines.push(line) }), door => door.close())
    return await act()
  }
  const result = await served()
  if (lines.length > 0) throw new Error(lines.join('\n'))
  return result
}

test.serial('the client is a static file of less than 8 kB, and each plugin a link to it', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withClient(host, async ({ folder }) => {
    t.true(statSync(join(folder, 'tsnet-cni-client')).size < 8192)
    t.is(readlinkSync(join(folder, 'bridge')), 'tsnet-cni-client')
    t.regex((await runCommand(['ldd', join(folder, 'tsnet-cni-client')])).stderr, /not a dynamic executable/)
    await Promise.resolve()
  })
})

test.serial('a client whose package has gone says what to do', async t => {
  if (!requires.root(t)) return
  const folder = mkdtempSync('/run/cni-')
  installCni({ folder, socket: join(folder, 'none.sock'), standalone: join(folder, 'gone'), plugins: ['tsnet'] })
  const { stdout, status } = await runCommand([join(folder, 'tsnet')], { input: '{}', env: { CNI_COMMAND: 'VERSION' } })
  t.deepEqual([status, JSON.parse(stdout)], [1, { code: 5, msg: 'tsnet-cni: cannot start the standalone plugin; run tsnet cni install again' }])
  rmSync(folder, { recursive: true })
})

test.serial('by way of the server a container gets what the standalone executable gives, and its host ports are held', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withContainers(['c1', 'c2'], () => withClient(host, async ({ call, folder }) => {
    const alone = await call('tsnet', { command: 'ADD', config: { ...tsnetConfig, runtimeConfig: {} }, id: 'c2' })
    t.is(alone.status, 0)
    await withServer(host, async () => {
      t.deepEqual(JSON.parse((await call('bridge', { command: 'VERSION', config: '' })).stdout), {
        cniVersion: '1.1.0', supportedVersions: ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'],
      })
      const { status, result } = await call('tsnet', { command: 'ADD', config: tsnetConfig })
      t.is(status, 0)
      t.deepEqual(Object.keys(result), Object.keys(alone.result))
      t.like(result, { ips: [{ address: '10.7.0.3/24' }, { address: 'fd07::3/64' }] })
      t.like((result['interfaces'] as readonly Json[])[2], { name: 'eth0', sandbox: '/run/netns/c1' })
      const byHand = await runCommand([join(folder, 'bridge')], { input: '', env: { PATH: process.env.PATH } })
      t.deepEqual([byHand.status, byHand.stdout], [0, ''])
      t.regex(byHand.stderr, /^CNI bridge plugin of tsnet\nCNI protocol versions supported: /)
      t.regex((await runCommand(['nc', '-l', '-w', '1', '8080'])).stderr, /Address already in use/)
      t.is((await call('tsnet', { command: 'CHECK', config: { ...tsnetConfig, prevResult: result } })).status, 0)
      t.like(await call('tsnet', { command: 'ADD', config: tsnetConfig, id: 'c2' }), { status: 1, result: { code: 999 } })
      t.like(await call('tsnet', { command: 'ADD', config: '{', id: 'c2' }), { status: 1, result: { code: 6 } })
    })
    // What the server made, the standalone executable removes.
    t.is((await call('tsnet', { command: 'DEL', config: tsnetConfig, netns: '' })).status, 0)
    t.is((await call('tsnet', { command: 'DEL', config: tsnetConfig, id: 'c2', netns: '' })).status, 0)
    t.notRegex(await host.run('iptables-save'), /TSNET/)
  }))
  await host.run('ip', 'link', 'del', 'cni7')
})

test.serial('a server does not hold the host ports of podman, which binds them itself once the container has its network', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withContainers(['c1'], () => withClient(host, ({ folder }) => withServer(host, async () => {
    const podman = join(folder, 'podman')
    await host.run('cp', await realpath('/bin/sh'), podman)
    const call = (command: string) => runCommand([podman, '-c', `${folder}/tsnet; exit $?`], {
      input: JSON.stringify(tsnetConfig), env: { ...environmentOf({ command, config: tsnetConfig, path: folder }), ...host.roots.env },
    })
    t.is((await call('ADD')).status, 0)
    t.is((await runCommand([process.execPath, '-e', 'require("node:net").createServer().listen(8080, () => process.exit())'])).stderr, '')
    t.is((await call('DEL')).status, 0)
  })))
  await host.run('ip', 'link', 'del', 'cni7')
})

test.serial('the server opens no path of a caller: a namespace it was not handed is none', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withClient(host, ({ call }) => withServer(host, async () => {
    await host.run('mkfifo', '/run/cni-fifo')
    for (const [netns, msg] of [
      ['/etc/passwd', /^failed to open netns "\/etc\/passwd": unknown FS magic/], ['/run', /unknown FS magic/], ['/run/cni-fifo', /unknown FS magic/],
      ['/run/netns/none', /no such file or directory$/],
    ] as const) {
      const { status, result } = await call('bridge', { command: 'ADD', config: bridgeConfig, netns })
      t.like({ status, code: result['code'] }, { status: 1, code: 999 }, netns)
      t.regex(String(result['msg']), msg)
      t.is((await call('bridge', { command: 'DEL', config: bridgeConfig, netns })).status, 0, netns)
    }
    await host.run('rm', '/run/cni-fifo')
    t.like(await call('bridge', { command: 'ADD', config: bridgeConfig, netns: '/proc/self/ns/mnt' }), { status: 1, result: { code: 999 } })
    const long = `{"x":"${'x'.repeat(5 << 20)}",${JSON.stringify(bridgeConfig).slice(1)}`
    t.like(await call('bridge', { command: 'ADD', config: long }), { status: 1, result: { code: 6, msg: 'error unmarshall network config: it is longer than 4194304 bytes' } })
    t.like(await call('bridge', { command: 'ADD', config: bridgeConfig, netns: '/proc/self/ns/net' }), { status: 1, result: { code: 8 } }, 'the host itself')
    t.notRegex(await host.run('ip', '-o', 'link'), /cni7/)
  }))
})

test.serial('a server that hangs up before it has answered fails no call', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withContainers(['c1'], () => withClient(host, async ({ call, socket }) => {
    const rude = createServer(connection => { connection.destroy() }).listen(socket)
    await once(rude, 'listening')
    t.like(await call('tsnet', { command: 'ADD', config: tsnetConfig }), { status: 0, result: { cniVersion: '1.0.0' } })
    t.is((await call('tsnet', { command: 'DEL', config: tsnetConfig })).status, 0)
    const closed = once(rude, 'close')
    rude.close()
    await closed
    await host.run('ip', 'link', 'del', 'cni7')
  }))
})

test.serial('a server that dies before it has answered fails no call, and what it has done is not done twice', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const fixture = new URL('dying-server.fixture.ts', import.meta.url).pathname
  const { root, runRoot } = host.roots
  const beforeDying = async (call: () => Promise<unknown>): Promise<void> => {
    const server = host.spawn([process.execPath, fixture, root, runRoot], { stdio: ['ignore', 'ignore', 'pipe'] })
    if (server.stderr === null) throw new Error('no pipe')
    await once(server.stderr, 'data')
    const [, [, signal]] = await Promise.all([call(), once(server, 'exit')]) as [unknown, [unknown, string]]
    t.is(signal, 'SIGKILL')
  }
  await withContainers(['c1', 'c2'], () => withClient(host, async ({ call }) => {
    await beforeDying(async () => {
      const { status, result } = await call('tsnet', { command: 'ADD', config: tsnetConfig })
      t.is(status, 0, JSON.stringify(result))
      t.like(result, { ips: [{ address: '10.7.0.2/24' }, { address: 'fd07::2/64' }] })
      t.is((await call('tsnet', { command: 'CHECK', config: { ...tsnetConfig, prevResult: result } })).status, 0)
    })
    t.like(await call('tsnet', { command: 'ADD', config: tsnetConfig }), { status: 1, result: { code: 999 } }, 'another process has no part in it')
    let prevResult: Json = {}
    await beforeDying(async () => { ({ result: prevResult } = await call('bridge', { command: 'ADD', config: bridgeConfig, id: 'c2' })) })
    t.like(prevResult, { ips: [{ address: '10.7.0.3/24' }, { address: 'fd07::3/64' }] })
    const portmap = { ...bridgeConfig, type: 'portmap', prevResult, runtimeConfig: { portMappings: [{ hostPort: 8081, containerPort: 80, protocol: 'tcp' }] } }
    await beforeDying(async () => { t.like(await call('portmap', { command: 'ADD', config: portmap, id: 'c2' }), { status: 0, result: { ips: prevResult['ips'] } }) })
    for (const [program, id] of [['tsnet', 'c1'], ['portmap', 'c2'], ['bridge', 'c2']] as const) {
      await beforeDying(async () => { t.is((await call(program, { command: 'DEL', config: program === 'tsnet' ? tsnetConfig : bridgeConfig, id, netns: '' })).status, 0) })
    }
    t.notRegex(await host.run('iptables-save'), /TSNET/)
  }))
  await host.run('ip', 'link', 'del', 'cni7')
})

test.serial('100 calls at once are answered, each its own, and no descriptor stays', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const ids = Array.from({ length: 100 }, (_, index) => `p${index}`)
  const descriptors = (): number => readdirSync('/proc/self/fd').length
  await withContainers(ids, () => withClient(host, ({ call }) => withServer(host, async () => {
    await call('tsnet', { command: 'DEL', config: bridgeConfig, id: 'none' })
    const before = descriptors()
    const config = { ...tsnetConfig, cniVersion: '1.1.0', runtimeConfig: {} }
    const results = await Promise.all(ids.map(id => call('tsnet', { command: 'ADD', config, id })))
    t.deepEqual(results.filter(({ status }) => status !== 0).map(({ stdout }) => stdout), [])
    t.is(new Set(results.map(({ result }) => (result['ips'] as readonly Json[])[0]?.['address'])).size, 100)
    t.deepEqual(results.map(({ result }) => (result['interfaces'] as readonly Json[])[2]?.['sandbox']), ids.map(id => `/run/netns/${id}`))
    const gone = await Promise.all(ids.map(id => call('tsnet', { command: 'DEL', config, id, netns: '' })))
    t.true(gone.every(({ status }) => status === 0))
    t.true(descriptors() - before < 10, `${descriptors() - before} more`)
    t.notRegex(await host.run('iptables-save'), /TSNET/)
    await host.run('ip', 'link', 'del', 'cni7')
  })))
})
