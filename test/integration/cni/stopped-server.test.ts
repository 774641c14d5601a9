/** A server of the thin client that is stopped or hangs, and callers that lose patience: no call waits for ever, and nothing is done that nobody waits for. */
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import test from 'ava'
import { clientImage } from '../../../cni/client/program.ts'
import { takenHeader, takenWord } from '../../../cni/client/protocol.ts'
import { answer } from '../../../cni/call.ts'
import { openCni } from '../../../cni/open.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { CHECKOUT } from '../../helpers/tsnet.ts'
import { type CallSpec, type Json, environmentOf, ours, tsnetConfig, withContainers } from './lab.ts'

const fixture = new URL('listening-server.fixture.ts', import.meta.url).pathname

type Caller = (spec: CallSpec) => Promise<{ readonly status: number, readonly stdout: string, readonly result: Json }>

/** A client that gives up after a second. */
async function withClient(host: FakeHost, act: (call: Caller, socket: string, path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync('/run/cni-bin-')
  const [socket, path] = [join(host.roots.runRoot, 'cni.sock'), join(folder, 'tsnet')]
  writeFileSync(path, clientImage(process.arch === 'arm64' ? 'arm64' : 'x64', { socket, standalone: join(CHECKOUT, 'bin/tsnet-cni'), limits: { takenS: 1, answerS: 1 } }))
  chmodSync(path, 0o755)
  await act(async spec => {
    const { status, stdout } = await runCommand([path], { input: JSON.stringify(spec.config), env: { ...environmentOf({ path: folder, ...spec }), ...host.roots.env } })
    return { status, stdout, result: stdout === '' ? {} : JSON.parse(stdout) as Json }
  }, socket, path)
  rmSync(folder, { recursive: true })
}

test.serial('a server that is stopped fails no call, and does none of them again when it goes on', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const server = host.spawn([process.execPath, fixture, host.roots.root, host.roots.runRoot], { stdio: ['ignore', 'ignore', 'pipe'] })
  const { stderr } = server
  if (stderr === null) throw new Error('no pipe')
  let log = ''
  stderr.on('data', (data: Buffer) => { log += data.toString() })
  const logged = async (text: string): Promise<void> => { while (!log.includes(text)) await once(stderr, 'data') }
  await logged('listening')
  await withContainers(['c1', 'c2'], () => withClient(host, async call => {
    t.is((await call({ command: 'ADD', config: tsnetConfig })).status, 0)
    server.kill('SIGSTOP')
    t.like(await call({ command: 'DEL', config: tsnetConfig }), { status: 0, stdout: '' })
    const other = { ...tsnetConfig, runtimeConfig: {} }
    t.like(await call({ command: 'ADD', config: other, id: 'c2' }), { status: 0, result: { ips: [{ address: '10.7.0.3/24' }, { address: 'fd07::3/64' }] } })
    t.like(await call({ command: 'DEL', config: other, id: 'c2' }), { status: 0, stdout: '' })
    server.kill('SIGCONT')
    for (const question of ['DEL of c1', 'ADD of c2', 'DEL of c2']) await logged(`${question}: not begun, the caller has gone`)
    t.notRegex(await host.run('ip', '-o', 'link'), /veth/, 'what nobody waits for is not done')
    t.like(await call({ command: 'ADD', config: tsnetConfig, id: 'c2' }), { status: 0 }, 'the host ports of what has gone meanwhile are not held')
    t.is((await ours('tsnet', { command: 'DEL', config: tsnetConfig, id: 'c2' }, host)).status, 0)
    t.like(await call({ command: 'ADD', config: tsnetConfig }), { status: 0 }, 'nor those that another process has removed')
    t.is((await call({ command: 'DEL', config: tsnetConfig })).status, 0)
  }))
  const ended = once(server, 'exit')
  server.kill()
  await ended
  await host.run('ip', 'link', 'del', 'cni7')
})

test.serial('a server that begins and does not end is told of with number 11', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withContainers(['c1'], () => withClient(host, async (call, socket) => {
    const taken = Buffer.alloc(takenHeader)
    taken.writeBigUInt64LE(takenWord)
    const hanging = createServer(connection => { connection.write(taken) }).listen(socket)
    await once(hanging, 'listening')
    t.deepEqual((await call({ command: 'ADD', config: tsnetConfig })), {
      status: 1, stdout: '{"code":11,"msg":"tsnet serve has begun with this call and not ended it within 1 s; where it hangs, restart it"}\n',
      result: { code: 11, msg: 'tsnet serve has begun with this call and not ended it within 1 s; where it hangs, restart it' },
    })
    hanging.close()
  }))
})

test.serial('a DEL that comes while the ADD is still at work, its caller having been killed, leaves nothing', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withContainers(['c1'], () => withClient(host, async (_call, _socket, path) => {
    await ours('tsnet', { command: 'DEL', config: tsnetConfig }, host)
    await using core = { ...openCni(host.roots), async [Symbol.asyncDispose]() { await this.close() } }
    const ask = (command: string) => answer({
      program: path, environment: environmentOf({ command, config: tsnetConfig }), stdin: () => JSON.stringify(tsnetConfig), warn: line => { throw new Error(line) }, core: () => core,
    })
    const adding = ask('ADD')
    while (core.read(tx => tx.attachments.list({ state: 'creating' })).length === 0) await new Promise(resolve => { setImmediate(resolve) })
    const [made, gone] = await Promise.all([adding, ask('DEL')])
    t.is(gone.status, 0, gone.stdout)
    t.is(made.status, 0, made.stdout)
    t.notRegex(await host.run('ip', '-o', 'link'), /veth/)
    t.notRegex(await host.run('iptables-save'), /TSNET/)
    t.is(core.read(tx => tx.attachments.list().length), 0)
  }))
  await host.run('ip', 'link', 'del', 'cni7')
})
