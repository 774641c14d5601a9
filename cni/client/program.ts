/**
 * The thin client: a list of system calls that hands one call to a listening server, and passes its answer on.
 *
 * It opens CNI_NETNS itself, so that the server never opens a caller's path; the configuration goes into a file in memory, so that it can
 * be read again: where nothing listens, or the server goes before it has answered, or is stopped, the client becomes the standalone executable.
 * Only a server that has begun and then hangs leaves nothing to do but to tell of it: the work is its own until it dies.
 * No word of the environment is needed for that but CNI_NETNS, and CNI_COMMAND=VERSION, which has no configuration to wait for.
 */
import { link } from '../../runtime/init/link.ts'
import { type Cell, type Data, type Label, Program, addressOf } from '../../runtime/init/program.ts'
import type { Architecture } from '../../runtime/init/record.ts'
import { answerHeader, answerLimitS, commandLineLimit, environmentLimit, requestHeader, requestMagic, takenHeader, takenLimitS } from './protocol.ts'
import { add, find, increase, load, setTo } from './search.ts'

export interface ClientOptions {
  /** Of the socket; at most 107 bytes. */
  readonly socket: string
  /** Of the standalone executable. */
  readonly standalone: string
  /** What the standalone executable is to work on, as the server does; absent: its own default. */
  readonly roots?: { readonly root: string, readonly runRoot: string }
  /** Seconds until it gives up a server that does not begin, and one that does not end. */
  readonly limits?: ClientLimits
}

export interface ClientLimits { readonly takenS: number, readonly answerS: number }

const usualLimits: ClientLimits = { takenS: takenLimitS, answerS: answerLimitS }

/** What a client says that finds nothing to start; an installed one is known by it. */
export const clientWords = 'tsnet-cni: cannot start the standalone plugin'

/** Numbers that no orchestrator uses for something it hands down. */
const [configFd, netnsFd] = [100, 101]
const chunk = 65_536
const sunPathLimit = 107
const word = 8
const MFD_CLOEXEC = 1
const MSG_NOSIGNAL = 0x4000
const MSG_WAITALL = 0x100
const SOL_SOCKET = 1
const SCM_RIGHTS = 1
const [SO_RCVTIMEO, SO_SNDTIMEO] = [20, 21]

/** The file, some kilobytes. @throws RangeError for a path that no socket can have */
export function clientImage(architecture: Architecture, options: ClientOptions): Uint8Array {
  if (Buffer.byteLength(options.socket) > sunPathLimit) throw new RangeError(`the path of a socket has at most ${sunPathLimit} bytes: ${options.socket}`)
  return link(clientProgram(architecture, options)).image
}

/** Text that was read into memory, with a NUL before and zeros behind it. */
interface Text { readonly data: Data, readonly start: Cell, readonly end: Cell, readonly length: Cell }

export function clientProgram(architecture: Architecture, { socket, standalone, roots, limits = usualLimits }: ClientOptions): Program {
  const program = new Program(architecture)
  const [byItself, broken] = [program.label('by itself'), program.label('broken')]
  const buffer = program.reserve('buffer', chunk)
  program.onFailure(broken)
  const environment = readText(program, '/proc/self/environ', environmentLimit)
  const commandLine = readText(program, '/proc/self/cmdline', commandLineLimit)
  keepConfig(program, environment, buffer)
  const namespaces = openNetns(program, environment)
  program.onFailure(byItself)
  const server = ask(program, socket, { environment, commandLine, namespaces, limits })
  passOn(program, server, { buffer, limits })
  program.place(byItself)
  program.onFailure(broken)
  become(program, [standalone, ...roots === undefined ? [] : [roots.root, roots.runRoot]], { environment, commandLine })
  program.place(broken)
  fail(program, 5, `${clientWords}; run tsnet cni install again`)
  return program
}

function fail(program: Program, code: number, words: string): void {
  const failure = program.bytes('failure', Buffer.from(`{"code":${code},"msg":"${words}"}\n`))
  program.call('tell of it', 'write', [1, failure, failure.size], { ignoreErrors: true })
  program.call('end', 'exit_group', [1])
}

function readText(program: Program, path: string, limit: number): Text {
  const data = program.reserve(path, word + limit + 4 * word)
  const [start, end, length, fd, count] = ['start', 'end', 'length', 'file', 'count'].map(name => program.cell(`${name} of ${path}`)) as [Cell, Cell, Cell, Cell, Cell]
  const [more, done] = [program.label('more'), program.label('done')]
  setTo(program, start, addressOf(program.cellAt('text', data, word)))
  program.compute('nothing yet', { cell: start }, { store: end })
  program.call(`open ${path}`, 'openat', [program.flags('AT_FDCWD'), program.string(path), program.flags('O_RDONLY', 'O_CLOEXEC'), 0], { store: fd })
  program.place(more)
  program.call(`read ${path}`, 'read', [fd, end, limit], { store: count, jump: { on: ['zero'], to: done } })
  add(program, end, count)
  add(program, length, count)
  program.jump(more)
  program.place(done)
  return { data, start, end, length }
}

/** Standard input, in a file in memory. */
function keepConfig(program: Program, environment: Text, buffer: Data): void {
  const [file, count, pointer] = ['file', 'count', 'pointer'].map(name => program.cell(name)) as [Cell, Cell, Cell]
  const [read, done] = [program.label('read the configuration'), program.label('configuration read')]
  program.call('make a file in memory', 'memfd_create', [program.string('tsnet-cni'), MFD_CLOEXEC], { store: file })
  program.call('give it its number', 'dup3', [file, configFd, program.flags('O_CLOEXEC')])
  program.compute('from the NUL before', { cell: environment.start, subtract: 1 }, { store: pointer })
  find(program, { pointer, end: environment.end, text: '\0CNI_COMMAND=VERSION\0', missing: read })
  program.jump(done)
  program.place(read)
  program.call('read standard input', 'read', [0, buffer, chunk], { store: count, jump: { on: ['zero', 'negative'], to: done } })
  program.call('keep it', 'write', [configFd, buffer, count])
  program.jump(read)
  program.place(done)
}

/** How many namespaces there are: one that cannot be opened is none. */
function openNetns(program: Program, environment: Text): Cell {
  const [opened, pointer, fd] = ['namespaces', 'pointer', 'namespace'].map(name => program.cell(name)) as [Cell, Cell, Cell]
  const none = program.label('no namespace')
  const name = '\0CNI_NETNS='
  program.compute('from the NUL before', { cell: environment.start, subtract: 1 }, { store: pointer })
  find(program, { pointer, end: environment.end, text: name, missing: none })
  increase(program, pointer, name.length)
  // A pipe with a name would be waited for.
  program.call('open CNI_NETNS', 'openat', [program.flags('AT_FDCWD'), pointer, program.flags('O_RDONLY', 'O_NONBLOCK', 'O_CLOEXEC'), 0], {
    store: fd, jump: { on: ['negative'], to: none },
  })
  program.call('give it its number', 'dup3', [fd, netnsFd, program.flags('O_CLOEXEC')])
  increase(program, opened, 1)
  program.place(none)
  return opened
}

interface Question { readonly environment: Text, readonly commandLine: Text, readonly namespaces: Cell, readonly limits: ClientLimits }

/** The socket that the answer comes by. */
function ask(program: Program, path: string, { environment, commandLine, namespaces, limits }: Question): Cell {
  const fd = program.cell('socket')
  const address = program.bytes('address', Buffer.concat([Buffer.of(1, 0), Buffer.from(path), Buffer.of(0)]))
  program.call('open a socket', 'socket', [program.flags('AF_UNIX'), program.flags('SOCK_STREAM', 'SOCK_CLOEXEC'), 0], { store: fd })
  waitAtMost(program, fd, SO_SNDTIMEO, limits.takenS)
  waitAtMost(program, fd, SO_RCVTIMEO, limits.takenS)
  program.call('reach the server', 'connect', [fd, address, address.size])
  const header = program.words('request', [requestMagic, 0, 0, 0])
  const text = (name: string, { data }: Text) => addressOf(program.cellAt(name, data, word))
  const vectors = program.words('parts', [header, requestHeader, text('environment', environment), 0, text('command line', commandLine), 0])
  const control = program.words('descriptors', [16 + 4, SOL_SOCKET + SCM_RIGHTS * 2 ** 32, BigInt(configFd) | BigInt(netnsFd) << 32n])
  const message = program.words('message', [0, 0, vectors, 3, control, control.size, 0])
  const copy = (name: string, from: Cell, data: Data, index: number): void =>
    program.compute(name, { cell: from }, { store: program.cellAt(name, data, index * word) })
  copy('length of the environment', environment.length, header, 1)
  copy('length of the environment', environment.length, vectors, 3)
  copy('length of the command line', commandLine.length, header, 2)
  copy('length of the command line', commandLine.length, vectors, 5)
  copy('with a namespace?', namespaces, header, 3)
  const one = program.label('one descriptor')
  program.compute('with a namespace?', { cell: namespaces }, { jump: { on: ['zero'], to: one } })
  increase(program, program.cellAt('length of the descriptors', control, 0), 4)
  program.place(one)
  program.call('ask', 'sendmsg', [fd, message, MSG_NOSIGNAL])
  return fd
}

/** From then on a call that would wait for longer fails with EAGAIN. */
function waitAtMost(program: Program, fd: Cell, option: number, seconds: number): void {
  const time = program.constantWords(`${seconds} s`, [seconds, 0])
  program.call(`wait ${seconds} s at most`, 'setsockopt', [fd, SOL_SOCKET, option, time, time.size])
}

/** The server writes when it begins, and when it has the whole answer: what comes before is its end. */
function passOn(program: Program, fd: Cell, { buffer, limits }: { readonly buffer: Data, readonly limits: ClientLimits }): void {
  const [count, status] = [program.cell('count'), program.cell('status')]
  const head = program.reserve('answer', answerHeader)
  const [more, done, unanswered, hangs] = ['more of the answer', 'answered', 'unanswered', 'hangs'].map(name => program.label(name)) as [Label, Label, Label, Label]
  program.call('wait until it begins', 'recvfrom', [fd, head, takenHeader, MSG_WAITALL, 0, 0], { store: count })
  program.compute('has it?', { cell: count, subtract: takenHeader }, { jump: { on: ['negative'], to: unanswered } })
  waitAtMost(program, fd, SO_RCVTIMEO, limits.answerS)
  program.call('wait for the answer', 'recvfrom', [fd, head, answerHeader, MSG_WAITALL, 0, 0], { store: count, ignoreErrors: true })
  const EAGAIN = 11
  program.compute('in time?', { cell: count, subtract: -EAGAIN }, { jump: { on: ['zero'], to: hangs } })
  program.compute('is it one?', { cell: count, subtract: answerHeader }, { jump: { on: ['negative'], to: unanswered } })
  program.compute('its status', { cell: program.cellAt('status', head, 0), mask: 0xffn }, { store: status })
  program.place(more)
  program.call('read the answer', 'read', [fd, buffer, chunk], { store: count, jump: { on: ['zero', 'negative'], to: done } })
  program.call('pass it on', 'write', [1, buffer, count], { ignoreErrors: true })
  program.jump(more)
  program.place(done)
  program.call('end', 'exit_group', [status])
  program.place(hangs)
  fail(program, 11, `tsnet serve has begun with this call and not ended it within ${limits.answerS} s; where it hangs, restart it`)
  program.place(unanswered)
}

/** The standalone executable, with the same environment and the configuration from its start; its arguments say what we were called as, and its roots. */
function become(program: Program, [standalone = '', ...roots]: readonly string[], { environment, commandLine }: Pick<Question, 'environment' | 'commandLine'>): void {
  program.call('back to the start', 'lseek', [configFd, 0, 0])
  program.call('as standard input', 'dup3', [configFd, 0, 0])
  const variables = listVariables(program, environment)
  const argv = program.words('argv', [program.string(standalone), addressOf(program.cellAt('name', commandLine.data, word)), ...roots.map(root => program.string(root)), 0])
  program.call('become the standalone executable', 'execve', [program.string(standalone), argv, variables])
}

/** The array that execve takes: each address is written to a file in memory, which is read back as a whole. */
function listVariables(program: Program, { start, end }: Text): Data {
  const list = program.reserve('environment', environmentLimit)
  const [file, pointer] = [program.cell('file'), program.cell('pointer')]
  const [variable, byte, ended, done] = ['variable', 'byte', 'end of variable', 'variables'].map(name => program.label(name)) as [Label, Label, Label, Label]
  program.call('make a file in memory', 'memfd_create', [program.string('environment'), MFD_CLOEXEC], { store: file })
  program.compute('the first variable', { cell: start }, { store: pointer })
  program.place(variable)
  program.compute('at the end?', { cell: pointer, subtract: end }, { jump: { on: ['zero', 'positive'], to: done } })
  program.call('note its address', 'write', [file, addressOf(pointer), word])
  program.place(byte)
  load(program, 'at its end?', { pointer, mask: 0xffn, subtract: 0n }, { jump: { on: ['zero'], to: ended } })
  increase(program, pointer, 1)
  program.jump(byte)
  program.place(ended)
  increase(program, pointer, 1)
  program.jump(variable)
  program.place(done)
  program.call('back to the start', 'lseek', [file, 0, 0])
  program.call('read them all', 'read', [file, list, environmentLimit - word])
  return list
}
