/**
 * What dockerd says it has done, as it does it: one connection to its API, on which it writes a line of JSON for each event. Only what tells of
 * endpoints is asked for. An event is a word, not an order: whoever misses one finds out by looking.
 */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { once } from 'node:events'

export interface DockerEvent {
  readonly type: 'container' | 'network'
  readonly action: string
  /** Of the container or network. */
  readonly id: string
  /** Of the container or network. */
  readonly name: string
  /** Of a container that has joined or left a network: its id. */
  readonly container?: string
}

export interface EventHandlers {
  /** It listens from now on. @param server what dockerd calls itself: `Docker/20.10.24 (linux)` */
  readonly opened: (server: string) => void
  readonly event: (event: DockerEvent) => void
}

const wanted = { type: ['container', 'network'], event: ['create', 'start', 'rename', 'connect', 'disconnect'] }
const openTimeoutMs = 10_000
const longestLine = 1 << 20

/** Ends when dockerd ends, or with `signal`. @param socket path of dockerd's API @throws Error where it does not answer */
export async function followEvents(socket: string, { opened, event }: EventHandlers, signal: AbortSignal): Promise<void> {
  const call = request({
    socketPath: socket, path: `/events?filters=${encodeURIComponent(JSON.stringify(wanted))}`, headers: { Host: 'docker' }, agent: false, signal,
  })
  const response = await answered(call)
  if (response.statusCode !== 200) {
    response.destroy()
    throw new Error(`status ${response.statusCode}`)
  }
  opened(String(response.headers.server ?? ''))
  for await (const line of linesOf(response.setEncoding('utf8') as AsyncIterable<string>)) {
    const read = readEvent(line)
    if (read !== undefined) event(read)
  }
}

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestLine) throw new Error('a line is too long')
    yield* lines
  }
}

async function answered(call: ClientRequest): Promise<IncomingMessage> {
  const timer = setTimeout(() => call.destroy(new Error('it does not answer')), openTimeoutMs)
  try {
    const [response] = await once(call.end(), 'response') as [IncomingMessage]
    return response
  } finally {
    clearTimeout(timer)
  }
}

function readEvent(line: string): DockerEvent | undefined {
  try {
    const { Type: type, Action: action, Actor } = JSON.parse(line) as { readonly Type?: unknown, readonly Action?: unknown, readonly Actor?: unknown }
    const { ID: id, Attributes } = Actor as { readonly ID?: unknown, readonly Attributes?: { readonly name?: unknown, readonly container?: unknown } | null }
    if ((type !== 'container' && type !== 'network') || typeof action !== 'string' || typeof id !== 'string') return undefined
    const { name, container } = Attributes ?? {}
    return { type, action, id, name: typeof name === 'string' ? name : '', ...typeof container === 'string' ? { container } : {} }
  } catch {
    return undefined
  }
}
