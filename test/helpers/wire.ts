/** Sending frames made by hand from a namespace, and seeing in another which of them arrive. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Namespace } from './namespace.ts'

const PACKET_SOCKET = fileURLToPath(new URL('./packet-socket.ts', import.meta.url))

/** The frame of each word; `end`, sent last and sure to arrive, tells the observer that nothing more comes. */
export interface Volley {
  readonly frames: Readonly<Record<string, Buffer>>
  readonly end: Buffer
  readonly endWord: string
  /** Who sends the end, by which link; absent: who sends the frames. */
  readonly endFrom?: { readonly namespace: Namespace, readonly link: string }
}

/** The words of the frames that come out at `to` of those sent into `from`, in the order of `frames`. */
export async function arrivals(from: Namespace, to: Namespace, { frames, end, endWord, endFrom }: Volley, link = 'eth0'): Promise<readonly string[]> {
  const seen = new Set<string>()
  await using observer = await listen(to, link)
  await send(from, link, Object.values(frames))
  await send(endFrom?.namespace ?? from, endFrom?.link ?? link, [end])
  for (;;) {
    const text = (await observer.next()).toString('latin1')
    if (text.includes(endWord)) return Object.keys(frames).filter(word => seen.has(word))
    for (const word of Object.keys(frames)) if (text.includes(`<${word}>`)) seen.add(word)
  }
}

/** The largest segment that the first SYN to `port` that comes in at `at` asks for, while `connect` runs. */
export async function segmentSize(at: Namespace, port: number, connect: () => Promise<unknown>, link = 'eth0'): Promise<number> {
  await using observer = await listen(at, link)
  await connect()
  for (;;) {
    const frame = await observer.next()
    const start = ETHERNET_HEADER + (frame.readUInt16BE(12) === 0x86dd ? 40 : 20)
    const isTcp = frame[ETHERNET_HEADER + (start === ETHERNET_HEADER + 40 ? 6 : 9)] === 6
    // Linux puts the option first: kind 2, length 4, size.
    if (isTcp && frame.readUInt16BE(start + 2) === port && frame[start + 13] === 2) return frame.readUInt16BE(start + 22)
  }
}

interface Observer extends AsyncDisposable { next(): Promise<Buffer> }

/** The frames that come in by a link, from the moment that this returns. */
async function listen(at: Namespace, link: string): Promise<Observer> {
  const child = at.spawn([process.execPath, PACKET_SOCKET, 'listen', await indexOf(at, link)], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.stdout === null) throw new Error('no pipe')
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`the observer in ${at.name} ended`)
    return value
  }
  if (await next() !== 'ready') throw new Error(`nobody listens in ${at.name}`)
  return {
    next: async () => Buffer.from(await next(), 'hex'),
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

const ETHERNET_HEADER = 14

async function send(from: Namespace, link: string, frames: readonly Buffer[]): Promise<void> {
  await from.run(process.execPath, PACKET_SOCKET, 'send', await indexOf(from, link), ...frames.map(frame => frame.toString('hex')))
}

async function indexOf(at: Namespace, link: string): Promise<string> {
  const [found] = await at.json<readonly { readonly ifindex: number }[]>('ip', '-j', 'link', 'show', 'dev', link)
  return String(found?.ifindex)
}
