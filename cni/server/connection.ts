/**
 * One question of the thin client, read from its connection: environment, command line, and the descriptors of the configuration and the
 * namespace. Nothing that a caller names is opened: the descriptors are all that is used.
 */
import { fstatSync, readSync } from 'node:fs'
import { close } from '../../kernel/syscalls/descriptor.ts'
import { NSFS_MAGIC, fileSystemType } from '../../kernel/syscalls/mount.ts'
import { peekMessage, receiveMessage } from '../../kernel/syscalls/passing.ts'
import { peerPid } from '../../kernel/syscalls/socket.ts'
import { callerName, reservesPorts } from '../caller.ts'
import { cniCodes, cniError } from '../error.ts'
import { commandLineLimit, environmentLimit, requestHeader, requestMagic } from '../client/protocol.ts'
import type { Environment } from '../request.ts'

export interface Question extends Disposable {
  readonly environment: Environment
  /** What the client was called as. */
  readonly program: string
  /** The configuration. */
  stdin(): string
  /** Who asks (`callerName`); undefined where that cannot be told. */
  readonly caller: string | undefined
  /** Whether the caller's own caller binds the host ports that it asks for. */
  readonly reservesPorts: boolean
  /** A path by which this process reaches the caller's namespace; undefined where it has handed over nothing. */
  readonly netns: string | undefined
}

const longest = requestHeader + environmentLimit + commandLineLimit
const configLimit = 4 * 1024 * 1024
/** In place of a file that is there and no namespace: found to be none like that one, and safe to open. */
const noNamespace = '/dev/null'

/** A question as it comes, in pieces. */
export class QuestionReader implements Disposable {
  readonly #fd: number
  readonly #descriptors: number[] = []
  #bytes = Buffer.alloc(0)

  constructor(fd: number) {
    this.#fd = fd
  }

  /** The question, once it is complete. @throws where it is none, or the caller has gone */
  read(): Question | undefined {
    for (;;) {
      const message = receiveMessage(this.#fd, longest)
      if (message === undefined) return undefined
      this.#descriptors.push(...message.descriptors)
      if (message.data.length === 0) throw new Error('the caller has gone')
      this.#bytes = Buffer.concat([this.#bytes, message.data])
      const question = this.#complete()
      if (question !== undefined) return question
    }
  }

  /** False where the caller no longer waits: it was killed, or has done the work itself while this process was stopped. */
  isAwaited(): boolean {
    return peekMessage(this.#fd)?.data.length !== 0
  }

  [Symbol.dispose](): void {
    this.#descriptors.splice(0).forEach(close)
  }

  #complete(): Question | undefined {
    const bytes = this.#bytes
    if (bytes.length < requestHeader) return undefined
    if (bytes.readBigUInt64LE(0) !== requestMagic) throw new Error('the caller is the client of another version, and does the work itself: `tsnet cni install` writes this version\'s')
    const [environmentLength, commandLength, namespaces] = [8, 16, 24].map(offset => Number(bytes.readBigUInt64LE(offset))) as [number, number, number]
    const length = requestHeader + environmentLength + commandLength
    if (length > longest) throw new Error('the caller\'s environment is too long')
    if (bytes.length < length) return undefined
    const [config, netns] = this.#descriptors
    if (config === undefined || (namespaces > 0 && netns === undefined)) throw new Error('the caller handed over no configuration')
    const commandAt = requestHeader + environmentLength
    const [program = ''] = bytes.toString('utf8', commandAt, length).split('\0')
    return {
      environment: parseEnvironment(bytes.toString('utf8', requestHeader, commandAt)), program,
      stdin: () => readConfig(config), caller: callerName(peerPid(this.#fd)), reservesPorts: reservesPorts(peerPid(this.#fd)),
      netns: namespaces === 0 || netns === undefined ? undefined : isNetns(netns) ? pathOf(netns) : noNamespace,
      [Symbol.dispose]: () => this[Symbol.dispose](),
    }
  }
}

/** The first of two alike, as getenv(3). */
function parseEnvironment(text: string): Environment {
  const environment: Record<string, string> = Object.create(null) as Record<string, string>
  for (const variable of text.split('\0')) {
    const equals = variable.indexOf('=')
    if (equals > 0) environment[variable.slice(0, equals)] ??= variable.slice(equals + 1)
  }
  return environment
}

function readConfig(fd: number): string {
  const { size } = fstatSync(fd)
  if (size > configLimit) throw cniError(cniCodes.decodingFailure, `error unmarshall network config: it is longer than ${configLimit} bytes`)
  const bytes = Buffer.alloc(size)
  const length = bytes.length === 0 ? 0 : readSync(fd, bytes, 0, bytes.length, 0)
  return bytes.toString('utf8', 0, length)
}

function pathOf(fd: number): string {
  return `/proc/self/fd/${fd}`
}

/** Whatever else a caller could open is not taken for a namespace. */
function isNetns(fd: number): boolean {
  return fileSystemType(pathOf(fd)) === NSFS_MAGIC
}
