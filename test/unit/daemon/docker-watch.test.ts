/** The watch beside a dockerd that is none: its API on a socket, and what it would say. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type Server, type ServerResponse, createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { ForeignRuntime, KnownContainer } from '../../../cnm/foreign-api.ts'
import { DockerWatch } from '../../../daemon/docker-watch.ts'
import { CountTurns } from '../../../plugin-api/count-turns.ts'

class FakeDocker implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'tsnet-watch-'))
  readonly socket = join(this.folder, 'docker.sock')
  readonly asked: string[] = []
  containers: readonly object[] = []
  #stream: ServerResponse | undefined
  readonly #opened = Promise.withResolvers<void>()
  readonly #server: Server

  constructor(version: string) {
    this.#server = createServer((request, response) => {
      this.asked.push(request.url?.split('?')[0] ?? '')
      response.setHeader('Server', `Docker/${version} (linux)`)
      if (request.url?.startsWith('/events') === true) {
        this.#stream = response
        response.flushHeaders()
        this.#opened.resolve()
      } else response.end(JSON.stringify(request.url === '/networks' ? [] : this.containers))
    }).listen(this.socket)
  }

  /** Somebody listens to the events. */
  opened(): Promise<void> {
    return this.#opened.promise
  }

  say(...events: readonly (object | string)[]): void {
    for (const event of events) this.#stream?.write(`${typeof event === 'string' ? event : JSON.stringify(event)}\n`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await once(this.#server.close(), 'close')
    rmSync(this.folder, { recursive: true })
  }
}

/** The core, with one container whose name is missing. */
function core(): { readonly runtime: ForeignRuntime, readonly networks: Map<string, string>, readonly noted: Promise<readonly KnownContainer[]> } {
  const networks = new Map<string, string>()
  const { promise: noted, resolve } = Promise.withResolvers<readonly KnownContainer[]>()
  let isMissing = true
  const runtime = {
    collect: () => Promise.resolve(0),
    areNamesMissing: () => isMissing,
    noteNetworks: (names: ReadonlyMap<string, string>) => names.forEach((name, id) => networks.set(id, name)),
    noteContainers: (known: readonly KnownContainer[]) => {
      if (known.length === 0) return
      isMissing = false
      resolve(known)
    },
  }
  return { runtime: runtime as unknown as ForeignRuntime, networks, noted }
}

const container = { Id: 'c1', Names: ['/web'], Image: 'busybox', NetworkSettings: { Networks: { blue: { EndpointID: 'e1' } } } }
const event = (type: string, action: string, id: string, name: string): object => ({ Type: type, Action: action, Actor: { ID: id, Attributes: { name } } })

test('a container is asked for when dockerd says that it has started, a network is called what dockerd says', async t => {
  await using docker = new FakeDocker('20.10.24')
  const { runtime, networks, noted } = core()
  const turns = new CountTurns()
  const watch = new DockerWatch(runtime, { log: line => t.fail(line), turns, socket: docker.socket })
  watch.start()
  await docker.opened()
  docker.containers = [container]
  docker.say('no JSON', { Type: 7 }, event('network', 'create', 'n1', 'blue'), event('container', 'start', 'c1', 'web'))
  t.deepEqual(await noted, [{ endpointId: 'e1', id: 'c1', name: 'web', image: 'busybox' }])
  t.deepEqual([...networks], [['n1', 'blue']])
  t.true(turns.isNeeded)
  await watch.stop()
})

test('a container that has left ends the turn of its network; a dockerd that counts with care has none wait', async t => {
  for (const [version, isNeeded] of [['28.0.4', true], ['28.1.0', false]] as const) {
    await using docker = new FakeDocker(version)
    const turns = new CountTurns({ turnMs: 3_600_000, patienceMs: 3_600_000 })
    const watch = new DockerWatch(core().runtime, { log: line => t.fail(line), turns, socket: docker.socket })
    await turns.begin('down', 'n1', 'a')
    const next = turns.begin('down', 'n1', 'b')
    watch.start()
    await docker.opened()
    docker.say(event('network', 'disconnect', 'n1', 'blue'))
    await next
    t.is(turns.isNeeded, isNeeded, version)
    await watch.stop()
    turns.close()
  }
})

test('without a dockerd nothing fails, and with the next call it is looked for again', async t => {
  const { runtime, noted } = core()
  const socket = join(tmpdir(), `tsnet-watch-${process.pid}.sock`)
  const watch = new DockerWatch(runtime, { log: line => t.fail(line), turns: new CountTurns(), socket })
  watch.start()
  watch.changed()
  await new Promise(resolve => setTimeout(resolve, 100))
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/events') === true) response.flushHeaders()
    else response.end(JSON.stringify([container]))
  }).listen(socket)
  await once(server, 'listening')
  watch.changed()
  t.is((await noted).length, 1)
  await watch.stop()
  server.closeAllConnections()
  await once(server.close(), 'close')
})
