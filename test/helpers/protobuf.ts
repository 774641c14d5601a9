/**
 * As much of protocol buffers as a few messages of CRI need: a message is a list of fields, each a number of at most 2^31 - 1, a text or a message;
 * read back, every field is a number or bytes, whichever its number says. Source: protobuf.dev, "Encoding".
 */

/** The number of a field, and what is in it; what is undefined, 0 or empty is left out, as proto3 has it. */
export type Field = readonly [number: number, value: number | string | readonly Field[] | undefined]

const [varint, lengthDelimited] = [0, 2]

export function encode(fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.flatMap(([number, value]): readonly Buffer[] => {
    if (value === undefined || value === 0 || value === '') return []
    if (typeof value === 'number') return [encodeVarint(number * 8 + varint), encodeVarint(value)]
    const bytes = typeof value === 'string' ? Buffer.from(value) : encode(value)
    return [encodeVarint(number * 8 + lengthDelimited), encodeVarint(bytes.length), bytes]
  }))
}

/** A message that was received. */
export class Message {
  readonly #fields = new Map<number, (bigint | Buffer)[]>()

  constructor(bytes: Buffer) {
    for (let at = 0; at < bytes.length;) {
      const tag = readVarint(bytes, at)
      const first = readVarint(bytes, tag.end)
      const number = Number(tag.value >> 3n)
      const isBytes = Number(tag.value & 7n) === lengthDelimited
      if (!isBytes && Number(tag.value & 7n) !== varint) throw new Error(`field ${number} has a wire type that is not read here`)
      at = isBytes ? first.end + Number(first.value) : first.end
      if (at > bytes.length) throw new Error(`field ${number} ends behind its message`)
      this.#fields.set(number, [...this.#fields.get(number) ?? [], isBytes ? bytes.subarray(first.end, at) : first.value])
    }
  }

  text(number: number): string {
    return this.#bytes(number).at(-1)?.toString() ?? ''
  }

  flag(number: number): boolean {
    return (this.#fields.get(number)?.at(-1) ?? 0n) !== 0n
  }

  message(number: number): Message {
    return new Message(Buffer.concat(this.#bytes(number)))
  }

  messages(number: number): readonly Message[] {
    return this.#bytes(number).map(bytes => new Message(bytes))
  }

  #bytes(number: number): readonly Buffer[] {
    return (this.#fields.get(number) ?? []).filter(value => typeof value !== 'bigint')
  }
}

function encodeVarint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push(rest & 127 | 128)
  }
}

function readVarint(bytes: Buffer, at: number): { readonly value: bigint, readonly end: number } {
  let value = 0n
  for (let end = at, shift = 0n; ; end++, shift += 7n) {
    const byte = bytes[end]
    if (byte === undefined) throw new Error('a number ends behind its message')
    value |= BigInt(byte & 127) << shift
    if (byte < 128) return { value, end: end + 1 }
  }
}
