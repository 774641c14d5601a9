/**
 * The log of a container as the shim writes it: frames, each a header of 32 bytes and the bytes of one read.
 *
 *     offset  size  field
 *          0     8  seconds      of CLOCK_REALTIME
 *          8     8  nanoseconds
 *         16     8  length       of the data that follows
 *         24     4  stream       1 stdout (and the terminal's), 2 stderr
 *         28     4  magic        "TSL1"
 *
 * All numbers are little-endian. A frame is appended by one writev(2), so frames of two streams never mix; only a full disk or a
 * power cut leaves a torn one, which the decoder passes over by looking for the next magic.
 */
export const logHeaderSize = 32
export const logMagic = 0x314c_5354

/** A frame holds at most what one read gives. */
export const logFrameLimit = 16_384

export type LogStream = 'stdout' | 'stderr'
const streamNumbers: Readonly<Record<LogStream, number>> = { stdout: 1, stderr: 2 }

export interface LogFrame {
  readonly seconds: number
  readonly nanoseconds: number
  readonly stream: LogStream
  readonly data: Buffer
}

export interface DecodedLog {
  readonly frames: readonly LogFrame[]
  /** Bytes used; the rest is the beginning of a frame that is not complete yet. */
  readonly consumed: number
}

/** Every complete frame at the beginning of `bytes`. Reading on: keep what was not consumed and append. Never throws. */
export function decodeLogFrames(bytes: Buffer): DecodedLog {
  const frames: LogFrame[] = []
  let at = 0
  while (at + logHeaderSize <= bytes.length) {
    const header = decodeHeader(bytes, at)
    if (header === undefined) {
      at = nextHeader(bytes, at + 1)
      continue
    }
    const end = at + logHeaderSize + header.length
    if (end > bytes.length) break
    const { seconds, nanoseconds, stream } = header
    frames.push({ seconds, nanoseconds, stream, data: bytes.subarray(at + logHeaderSize, end) })
    at = end
  }
  return { frames, consumed: at }
}

/** The first three words of a header, the length still 0, and the stream: what the shim starts from. */
export function logHeaderWords(stream: LogStream): readonly bigint[] {
  return [0n, 0n, 0n, BigInt(logMagic) << 32n | BigInt(streamNumbers[stream])]
}

interface Header { readonly seconds: number, readonly nanoseconds: number, readonly length: number, readonly stream: LogStream }

function decodeHeader(bytes: Buffer, at: number): Header | undefined {
  const length = bytes.readBigUInt64LE(at + 16)
  const number = bytes.readUInt32LE(at + 24)
  const stream = number === 1 ? 'stdout' : number === 2 ? 'stderr' : undefined
  if (bytes.readUInt32LE(at + 28) !== logMagic || stream === undefined || length > BigInt(logFrameLimit)) return undefined
  return {
    seconds: Number(bytes.readBigInt64LE(at)), nanoseconds: Number(bytes.readBigInt64LE(at + 8)), length: Number(length), stream,
  }
}

/** Where the next header may begin: its magic is 28 bytes further on. */
function nextHeader(bytes: Buffer, from: number): number {
  const magic = Buffer.alloc(4)
  magic.writeUInt32LE(logMagic)
  const found = bytes.indexOf(magic, from + 28)
  return found < 0 ? Math.max(from, bytes.length - logHeaderSize + 1) : found - 28
}
