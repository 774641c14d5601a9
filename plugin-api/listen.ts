/** Where the plugin is reached: a socket that is root's alone, TCP with certificates on both sides, or a socket that systemd hands over. */
import { chmodSync, linkSync, rmSync, statSync } from 'node:fs'
import { type RequestListener, type Server, createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type ListenOptions, connect } from 'node:net'
import { dirname, join } from 'node:path'
import type { ErrorCode } from '../errors/codes.ts'
import { TsnetError } from '../errors/error.ts'
import type { TlsFiles } from './tls-files.ts'

export interface Listening {
  /** For the log: where it is. */
  readonly where: string
  /** Takes no new calls, ends those under way, and removes what it made in the file system. */
  close(): Promise<void>
}

/** How long calls under way have when the plugin ends. */
const closeTimeoutMs = 5000

/** What the kernel takes (sun_path, without its last zero). */
const longestPath = 107

/**
 * In a folder that is there. The socket is made under a name of its own, which libuv removes when it closes; under `path`, a successor's may
 * be by then. @throws socket-in-use where somebody answers there, file-exists, invalid-argument, store-error where no socket can be made
 */
export async function listenUnix(listener: RequestListener, path: string): Promise<Listening> {
  await removeStale(path)
  const server = createServer(listener)
  const own = join(dirname(path), `.${process.pid}`)
  if (Math.max(Buffer.byteLength(path), Buffer.byteLength(own)) > longestPath) {
    throw new TsnetError('invalid-argument', `listen on ${path}: the path of a socket has at most ${longestPath} bytes`, { data: { path } })
  }
  rmSync(own, { force: true })
  const umask = process.umask(0o177)
  try {
    await listening(server, { path: own }, path)
  } finally {
    process.umask(umask)
  }
  const ino = await takeName(server, own, path)
  return {
    where: `unix://${path}`,
    async close() {
      // Not the socket of a successor.
      if (statSync(path, { throwIfNoEntry: false })?.ino === ino) rmSync(path, { force: true })
      await closed(server)
    },
  }
}

/** Unlike a rename, a link takes no name that another process has taken meanwhile. */
async function takeName(server: Server, own: string, path: string): Promise<number> {
  try {
    chmodSync(own, 0o600)
    linkSync(own, path)
    return statSync(path).ino
  } catch (cause) {
    await closed(server)
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    throw new TsnetError(isTaken ? 'socket-in-use' : 'store-error', `listen on ${path}: ${isTaken ? 'another process has begun to listen there' : String(cause)}`, { cause })
  } finally {
    rmSync(own, { force: true })
  }
}

/** Clients without a certificate of `ca` are refused. @throws invalid-argument for files that are no certificates, socket-in-use */
export async function listenTls(listener: RequestListener, address: { readonly host: string, readonly port: number }, files: TlsFiles): Promise<Listening> {
  let server: Server
  try {
    server = createTlsServer({ ...files, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' }, listener)
  } catch (cause) {
    throw new TsnetError('invalid-argument', `read the TLS certificate and key: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
  const where = `tcp://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
  await listening(server, address, where)
  return { where, close: () => closed(server) }
}

/** A socket that is listened on already, and stays when this process ends. */
export async function listenDescriptor(listener: RequestListener, fd: number): Promise<Listening> {
  const server = createServer(listener)
  await listening(server, { fd }, `descriptor ${fd}`)
  return { where: `the socket of systemd (descriptor ${fd})`, close: () => closed(server) }
}

const noSuchHost = ['invalid-argument', 'there is no host of that name'] as const
const refusals: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  EADDRINUSE: ['socket-in-use', 'another process listens there'], EADDRNOTAVAIL: ['invalid-argument', 'this host has no such address'],
  ENOTFOUND: noSuchHost, EAI_AGAIN: noSuchHost,
}

async function listening(server: Server, options: ListenOptions & { readonly fd?: number }, where: string): Promise<void> {
  // dockerd keeps its connections open and takes one that was closed under it for a dead plugin, which costs it a second.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const [code, reason] = refusals[cause.code ?? ''] ?? (['store-error', cause.message] as const)
      reject(new TsnetError(code, `listen on ${where}: ${reason}`, { cause }))
    })
    server.listen(options, resolve)
  })
}

/** A socket file outlives its process; only one that nobody answers on is in the way. */
async function removeStale(path: string): Promise<void> {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return
  if (!stat.isSocket()) throw new TsnetError('file-exists', `listen on ${path}: there is a file that is no socket`, { data: { path } })
  const isAnswered = await new Promise<boolean>(resolve => {
    const probe = connect({ path })
    probe.once('connect', () => resolve(true)).once('error', () => resolve(false))
    probe.once('close', () => undefined).setTimeout(1000, () => resolve(true))
    probe.once('connect', () => void probe.destroy())
  })
  if (isAnswered) throw new TsnetError('socket-in-use', `listen on ${path}: another process listens there`, { data: { path } })
  rmSync(path, { force: true })
}

async function closed(server: Server): Promise<void> {
  const done = new Promise<void>(resolve => void server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), closeTimeoutMs)
  await done
  clearTimeout(timer)
}
