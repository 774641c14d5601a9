/** Messages on a stream: each behind its length in two bytes, cut and joined as the network likes. RFC 1035 §4.2.2. */
export class StreamMessages {
  readonly #deliver: (message: Buffer) => void
  #rest: Buffer = Buffer.alloc(0)

  constructor(deliver: (message: Buffer) => void) {
    this.#deliver = deliver
  }

  push(chunk: Buffer): void {
    let rest: Buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0)
      this.#deliver(rest.subarray(2, end))
      rest = rest.subarray(end)
    }
    this.#rest = rest
  }
}

export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}
