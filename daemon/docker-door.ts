/** Docker's plugin: its app on every socket asked for, and what it does beside answering: orphans, names, ports held again. */
import { dirname } from 'node:path'
import type { Express } from 'express'
import { TsnetError } from '../errors/error.ts'
import { folderReason } from '../errors/file-reason.ts'
import { makeFolder } from '../kernel/folder.ts'
import { pluginApp } from '../plugin-api/app.ts'
import { CountTurns } from '../plugin-api/count-turns.ts'
import { writeDiscovery } from '../plugin-api/discovery.ts'
import { type Listening, listenDescriptor, listenTls, listenUnix } from '../plugin-api/listen.ts'
import { readTlsFiles } from '../plugin-api/tls-files.ts'
import type { Engine } from '../engine/open.ts'
import { DockerWatch } from './docker-watch.ts'
import { RepairWatch } from './repair-watch.ts'
import type { Door } from './serve.ts'

export interface DockerDoorOptions {
  readonly version: string
  /** Absent: no socket but those below. */
  readonly socket?: string
  readonly tcp?: { readonly host: string, readonly port: number, readonly ca: string, readonly cert: string, readonly key: string }
  /** Of a socket that systemd listens on. */
  readonly descriptor?: number
  readonly discovery?: { readonly path: string, readonly clientCert?: string, readonly clientKey?: string }
  /** Path of dockerd's API socket, to ask for names. */
  readonly dockerSocket?: string
}

export async function openDockerDoor(engine: Engine, options: DockerDoorOptions, log: (line: string) => void): Promise<Door> {
  await using opened = new AsyncDisposableStack()
  const turns = opened.adopt(new CountTurns(), one => one.close())
  const watched = { log, turns, ...options.dockerSocket === undefined ? {} : { socket: options.dockerSocket } }
  const watch = opened.adopt(new DockerWatch(engine.foreign, watched), one => one.stop())
  for (const warning of await engine.foreign.restore()) log(`warning: ${warning}`)
  const app = pluginApp({ runtime: engine.foreign, turns, version: options.version, warn: log, changed: () => watch.changed() })
  const listenings: Listening[] = []
  for (const start of listeners(app, options)) listenings.push(opened.adopt(await start(), one => one.close()))
  if (options.discovery !== undefined) opened.defer(discovery(options, listenings))
  watch.start()
  opened.adopt(new RepairWatch(engine.foreign, { log, ruleChanges: () => engine.host.ruleChanges() }), one => one.stop())
  const parts = opened.move()
  return { where: listenings.map(({ where }) => where), close: () => parts.disposeAsync() }
}

function listeners(app: Express, { socket, tcp, descriptor }: DockerDoorOptions): readonly (() => Promise<Listening>)[] {
  return [
    ...socket === undefined ? [] : [() => listenUnix(app, inFolder(socket))],
    ...tcp === undefined ? [] : [() => listenTls(app, tcp, readTlsFiles(tcp))],
    ...descriptor === undefined ? [] : [() => listenDescriptor(app, descriptor)],
  ]
}

/** Of the TCP socket where there is one: the others are found without a file, or by `.spec`. */
function discovery({ discovery: file, tcp }: DockerDoorOptions, listenings: readonly Listening[]): () => void {
  if (file === undefined) return () => undefined
  const path = inFolder(file.path)
  const address = (listenings.find(({ where }) => where.startsWith('tcp://')) ?? listenings[0])?.where ?? ''
  if (tcp === undefined) return writeDiscovery({ path, address })
  const { clientCert, clientKey } = file
  if (clientCert === undefined || clientKey === undefined) {
    throw new TsnetError('invalid-argument', `write "${file.path}": with --tcp it needs --client-cert and --client-key, which dockerd is to use`)
  }
  return writeDiscovery({ path, address, tls: { ca: tcp.ca, cert: clientCert, key: clientKey } })
}

/** The path, with its folder made where there is none. */
function inFolder(path: string): string {
  try {
    makeFolder(dirname(path), 0o755)
    return path
  } catch (cause) {
    throw new TsnetError('store-error', `make the folder of "${path}": ${folderReason(cause)}`, { cause, data: { path } })
  }
}
