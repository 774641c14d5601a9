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
  const child = to.spawn([process.execPath, PACKET_SOCKET, 'listen', await indexOf(to, link)], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.stdout === null) throw new Error('no pipe')
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  try {
    if ((await lines.next()).value !== 'ready') throw new Error(`nobody listens in ${to.name}`)
    await send(from, link, Object.values(frames))
    await send(endFrom?.namespace ?? from, endFrom?.link ?? link, [end])
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`the observer in ${to.name} ended`)
      const text = Buffer.from(value, 'hex').toString('latin1')
      if (text.includes(endWord)) return Object.keys(frames).filter(word => seen.has(word))
      for (const word of Object.keys(frames)) if (text.includes(`<${word}>`)) seen.add(word)
    }
  } finally {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
}

async function send(from: Namespace, link: string, frames: readonly Buffer[]): Promise<void> {
  await from.run(process.execPath, PACKET_SOCKET, 'send', await indexOf(from, link), ...frames.map(frame => frame.toString('hex')))
}

async function indexOf(at: Namespace, link: string): Promise<string> {
  const [found] = await at.json<readonly { readonly ifindex: number }[]>('ip', '-j', 'link', 'show', 'dev', link)
  return String(found?.ifindex)
}
