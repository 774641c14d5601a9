/** Bytes of a stream or file, taken in the sizes that a parser wants. Nothing is read ahead of what is asked for but the chunk at hand. */

/** Where the bytes come from. `skip` jumps over bytes without reading them, where that is possible. */
export interface ByteSource {
  next(): Promise<Buffer | undefined>
  /** How many bytes were skipped; fewer than asked for at the end. */
  skip?(bytes: number): number
}

export function streamBytes(source: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = source[Symbol.asyncIterator]()
  return {
    async next() {
      const { done, value } = await iterator.next()
      return done === true ? undefined : asBuffer(value)
    },
  }
}

export class ByteReader {
  readonly #source: ByteSource
  #chunk: Buffer = Buffer.alloc(0)
  #position = 0

  constructor(source: ByteSource) {
    this.#source = source
  }

  /** Bytes taken so far. */
  get position(): number {
    return this.#position
  }

  /** Between 1 and `max` bytes; undefined at the end. */
  async take(max: number): Promise<Buffer | undefined> {
    while (this.#chunk.length === 0) {
      const next = await this.#source.next()
      if (next === undefined) return undefined
      this.#chunk = next
    }
    return this.#shift(max)
  }

  /** Exactly `size` bytes; fewer only at the end. */
  async read(size: number): Promise<Buffer> {
    if (this.#chunk.length >= size) return this.#shift(size)
    const parts: Buffer[] = []
    let missing = size
    while (missing > 0) {
      const part = await this.take(missing)
      if (part === undefined) break
      parts.push(part)
      missing -= part.length
    }
    return Buffer.concat(parts)
  }

  /** How many of `size` bytes there were to skip. */
  async skip(size: number): Promise<number> {
    let missing = size - this.#shift(size).length
    if (missing > 0 && this.#source.skip !== undefined) {
      const skipped = this.#source.skip(missing)
      this.#position += skipped
      missing -= skipped
    }
    while (missing > 0) {
      const part = await this.take(missing)
      if (part === undefined) break
      missing -= part.length
    }
    return size - missing
  }

  #shift(max: number): Buffer {
    const part = this.#chunk.subarray(0, max)
    this.#chunk = this.#chunk.subarray(part.length)
    this.#position += part.length
    return part
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
