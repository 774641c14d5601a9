/**
 * Netlink messages: a 16-byte header and a payload, several in one datagram. Host byte order (little-endian on both architectures).
 *
 * ```
 *  0        4      6       8          12       16
 *  | length | type | flags | sequence | port   | payload … padded to 4 |
 * ```
 * Decoding never reads past the buffer and throws nothing but `invalid-message`. Source: include/uapi/linux/netlink.h.
 */
import { TsnetError } from '../../errors/error.ts'

export const NLM_F_REQUEST = 0x01
export const NLM_F_MULTI = 0x02
export const NLM_F_ACK = 0x04
export const NLM_F_DUMP_INTR = 0x10
/** On an error or DONE message: extended ACK attributes follow. */
export const NLM_F_ACK_TLVS = 0x200
/** On an error message: the request is not repeated in full. */
export const NLM_F_CAPPED = 0x100
export const NLM_F_REPLACE = 0x100
export const NLM_F_EXCL = 0x200
export const NLM_F_CREATE = 0x400
export const NLM_F_APPEND = 0x800
export const NLM_F_DUMP = 0x300
export const NLM_F_ECHO = 0x08

export const NLMSG_NOOP = 1
export const NLMSG_ERROR = 2
export const NLMSG_DONE = 3
export const NLMSG_OVERRUN = 4

export const NLMSG_HDRLEN = 16

export interface Message {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  readonly port: number
  readonly payload: Buffer
}

/** The bytes of a message, padded to a multiple of four so that others may follow. `payload` may be in parts. */
export function encodeMessage(header: Omit<Message, 'payload'>, ...payload: readonly Uint8Array[]): Buffer {
  const length = payload.reduce((sum, part) => sum + part.length, NLMSG_HDRLEN)
  const buffer = Buffer.alloc(align(length))
  buffer.writeUInt32LE(length, 0)
  buffer.writeUInt16LE(header.type, 4)
  buffer.writeUInt16LE(header.flags, 6)
  buffer.writeUInt32LE(header.sequence, 8)
  buffer.writeUInt32LE(header.port, 12)
  let offset = NLMSG_HDRLEN
  for (const part of payload) {
    buffer.set(part, offset)
    offset += part.length
  }
  return buffer
}

/** All messages of a datagram; payloads are views into it. @throws invalid-message */
export function decodeMessages(datagram: Buffer): readonly Message[] {
  const messages: Message[] = []
  for (let offset = 0; offset < datagram.length;) {
    const rest = datagram.length - offset
    const length = rest < NLMSG_HDRLEN ? rest : datagram.readUInt32LE(offset)
    if (length < NLMSG_HDRLEN || length > rest) {
      throw new TsnetError('invalid-message', `decode netlink message at byte ${offset}: length ${length} of ${rest} bytes`)
    }
    messages.push({
      type: datagram.readUInt16LE(offset + 4),
      flags: datagram.readUInt16LE(offset + 6),
      sequence: datagram.readUInt32LE(offset + 8),
      port: datagram.readUInt32LE(offset + 12),
      payload: datagram.subarray(offset + NLMSG_HDRLEN, offset + length),
    })
    offset += align(length)
  }
  return messages
}

/** The next multiple of four. */
export function align(length: number): number {
  return (length + 3) & ~3
}
