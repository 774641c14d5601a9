/**
 * Compressed or not, told by the first bytes and never by the file's name or declared media type (those are often wrong).
 *
 * gzip and zstd are undone by Node's own zlib on a pool thread; xz and bzip2 are named and refused.
 */
import { Readable, pipeline } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { invalidImage } from './invalid-image.ts'

export type Compression = 'none' | 'gzip' | 'zstd'

const magics: readonly (readonly [string, Compression | 'xz' | 'bzip2'])[] = [
  ['1f8b', 'gzip'], ['28b52ffd', 'zstd'], ['fd377a585a00', 'xz'], ['425a68', 'bzip2'],
]
const magicBytes = 6
const chunkSize = 256 * 1024

/** @throws invalid-image for formats that cannot be read here. */
export function sniffCompression(start: Uint8Array): Compression {
  const hex = Buffer.from(start.subarray(0, magicBytes)).toString('hex')
  const format = magics.find(([magic]) => hex.startsWith(magic))?.[1] ?? 'none'
  if (format === 'none' || format === 'gzip' || format === 'zstd') return format
  throw invalidImage(`is compressed with ${format}, which tsnet does not read: pipe it through \`${format} -dc\``)
}

/** The uncompressed bytes of `source`. Damage shows as invalid-image while reading; stopping early closes the source. */
export async function* decompress(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { start, rest } = await peek(source)
  const compression = sniffCompression(start)
  if (compression === 'none') {
    yield* rest
    return
  }
  const engine = compression === 'gzip' ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize })
  // The error reaches the reader below; without a callback it would end the process.
  pipeline(Readable.from(rest, { objectMode: false }), engine, () => { /* told by the iteration */ })
  try {
    for await (const chunk of engine) yield chunk as Buffer
  } catch (cause) {
    if (!isZlibError(cause)) throw cause
    throw invalidImage(`the ${compression} data is damaged or cut off (${cause.message})`, { cause })
  }
}

/** The first bytes, and everything including them. */
async function peek(source: AsyncIterable<Uint8Array>): Promise<{ start: Uint8Array, rest: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]()
  const head: Uint8Array[] = []
  let length = 0
  while (length < magicBytes) {
    const { done, value } = await iterator.next()
    if (done === true) break
    head.push(value)
    length += value.length
  }
  const rest = (async function* () {
    try {
      yield* head
      for (;;) {
        const { done, value } = await iterator.next()
        if (done === true) return
        yield value
      }
    } finally {
      await iterator.return?.()
    }
  })()
  return { start: Buffer.concat(head), rest }
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(Z_|ZSTD_)/.test(error.code)
}
