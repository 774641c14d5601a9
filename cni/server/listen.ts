/**
 * The server of the thin client: calls of CNI plugins without a process's start, and with the host ports of containers held.
 *
 * Several calls may be under way at once; each is the same code as in the standalone executable, with the same store and locks between
 * processes, so that clients may go either way at any time. Killed, it loses nothing: clients do without it.
 */
import { chmodSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { type Socket, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TsnetError } from '../../errors/error.ts'
import { makeFolder } from '../../kernel/folder.ts'
import type { Roots } from '../../runtime/paths.ts'
import { answer } from '../call.ts'
import { answerHeader, takenHeader, takenWord } from '../client/protocol.ts'
import type { CniCore } from '../core.ts'
import { openCni } from '../open.ts'
import { type Question, QuestionReader } from './connection.ts'
import { HeldPorts } from './held-ports.ts'

export interface ListenCniOptions {
  readonly roots: Roots
  /** Default: RUN_ROOT/cni.sock. */
  readonly socket?: string
  /** One line of a log. */
  readonly log: (line: string) => void
}

export interface CniDoor { readonly where: readonly string[], close(): Promise<void> }

/** What the kernel takes (sun_path, without its last zero). */
const longestPath = 107
/** A client says everything at once, right after it has connected. */
const questionLimitMs = 10_000

/** Listens until `close`, which waits for calls under way. One server at a time: the caller sees to that. @throws invalid-argument */
export async function listenCni({ roots, socket = join(roots.runRoot, 'cni.sock'), log }: ListenCniOptions): Promise<CniDoor> {
  if (Buffer.byteLength(socket) > longestPath) {
    throw new TsnetError('invalid-argument', `listen on ${socket}: the path of a socket has at most ${longestPath} bytes; give a shorter --run-root`, { data: { socket } })
  }
  const core = openCni(roots)
  const ports = new HeldPorts(core)
  ports.holdAll(log)
  const calls = new Set<Promise<void>>()
  // The first bytes carry descriptors, which Node would read over.
  const server = createServer({ pauseOnConnect: true }, connection => {
    const call = serveCall(connection, { core, ports, log }).catch((error: unknown) => { log(`cni: ${error instanceof Error ? error.message : String(error)}`) })
      .finally(() => { calls.delete(call) })
    calls.add(call)
  })
  makeFolder(dirname(socket), 0o711)
  rmSync(socket, { force: true })
  server.listen(socket)
  await once(server, 'listening')
  chmodSync(socket, 0o600)
  return {
    where: [socket],
    async close() {
      server.close()
      await Promise.all(calls)
      ports.releaseAll()
      await core.close()
    },
  }
}

const taken = Buffer.alloc(takenHeader)
taken.writeBigUInt64LE(takenWord)

interface Serving { readonly core: CniCore, readonly ports: HeldPorts, readonly log: (line: string) => void }

async function serveCall(connection: Socket, { core, ports, log }: Serving): Promise<void> {
  connection.on('error', () => undefined)
  try {
    using reader = new QuestionReader(descriptorOf(connection))
    const question = await wholeQuestion(reader)
    if (!reader.isAwaited()) {
      ports.releaseGone()
      const { CNI_COMMAND: command = 'a call', CNI_CONTAINERID: container = 'nobody' } = question.environment
      throw new Error(`${command} of ${container}: not begun, the caller has gone`)
    }
    // Somebody calls a plugin by hand: what it says goes to standard error, which the client has and we have not.
    if ((question.environment['CNI_COMMAND'] ?? '') === '') {
      connection.destroy()
      return
    }
    connection.write(taken)
    const { status, stdout, stderr } = await answer({
      program: question.program, environment: question.environment, stdin: () => question.stdin(), warn: log,
      core: () => coreOf(core, ports, question),
    })
    if (stderr !== '') log(stderr.trimEnd())
    const body = Buffer.from(stdout)
    const head = Buffer.alloc(answerHeader)
    head.writeUInt32LE(status, 0)
    head.writeUInt32LE(body.length, 4)
    // What is written can still be read at the other end; nothing more is expected from there.
    connection.end(Buffer.concat([head, body]), () => connection.destroy())
  } catch (error) {
    connection.destroy()
    throw error
  }
}

/** This caller and its namespace, and ports that this process holds. */
function coreOf(core: CniCore, ports: HeldPorts, { netns, caller, reservesPorts }: Question): CniCore {
  return {
    ...core, ...ports.reserving(), ...caller === undefined ? {} : { askedBy: caller },
    netnsOf: () => netns ?? '/proc/self/fd/-1',
    keepPorts: (holder, descriptors) => { if (reservesPorts) core.ports.release(descriptors); else ports.keep(holder, descriptors) },
    releasePorts: holder => { ports.release(holder) },
  }
}

async function wholeQuestion(reader: QuestionReader): Promise<Question> {
  for (let waitedMs = 0; waitedMs < questionLimitMs; waitedMs++) {
    const question = reader.read()
    if (question !== undefined) return question
    await sleep(1)
  }
  throw new Error('a caller did not say what it wants')
}

/** Node's handle of a socket knows it; there is no public way. */
function descriptorOf(connection: Socket): number {
  const handle: unknown = Reflect.get(connection, '_handle')
  const fd: unknown = typeof handle === 'object' && handle !== null && 'fd' in handle ? handle.fd : undefined
  if (typeof fd !== 'number' || fd < 0) throw new Error('a connection has no descriptor')
  return fd
}
