/** SCTP packets by hand, as a kernel without SCTP sockets still translates and tracks them. Source: RFC 9260, 3. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Family } from '../../objects/firewall.ts'
import { inNetns } from '../../kernel/netns.ts'
import { close } from '../../kernel/syscalls/descriptor.ts'
import {
  AF_INET, AF_INET6, IPPROTO_SCTP, MSG_DONTWAIT, SOCK_RAW, receive, socket, socketAddress,
} from '../../kernel/syscalls/socket.ts'
import { syscall } from '../../kernel/syscall.ts'

export interface SctpPacket { readonly sourcePort: number, readonly destinationPort: number, readonly isIntact: boolean }

const HEADER = 12
const INIT = 1

/** An INIT chunk with its checksum, which conntrack verifies. */
export function initPacket(sourcePort: number, destinationPort: number): Buffer {
  const packet = Buffer.alloc(HEADER + 20)
  packet.writeUInt16BE(sourcePort, 0)
  packet.writeUInt16BE(destinationPort, 2)
  packet.writeUInt8(INIT, HEADER)
  packet.writeUInt16BE(20, HEADER + 2)
  packet.writeUInt32BE(0x1234_5678, HEADER + 4)
  packet.writeUInt32BE(65_536, HEADER + 8)
  packet.writeUInt16BE(1, HEADER + 12)
  packet.writeUInt16BE(1, HEADER + 14)
  packet.writeUInt32BE(1, HEADER + 16)
  packet.writeUInt32LE(crc32c(packet), 8)
  return packet
}

/** A raw socket of a namespace that sends SCTP packets and sees those that arrive. */
export class SctpSocket implements Disposable {
  readonly #fd: number
  readonly #family: Family

  constructor(netns: string, family: Family) {
    this.#family = family
    this.#fd = inNetns(netns, () => socket(family === 4 ? AF_INET : AF_INET6, SOCK_RAW, IPPROTO_SCTP))
  }

  send(packet: Buffer, to: string): void {
    const address = socketAddress(to, 0)
    syscall('sendto', [this.#fd, packet, packet.length, MSG_DONTWAIT, address, address.length])
  }

  /** The next packet, as soon as it is there: on a busy machine the kernel puts its delivery off. @throws Error when none comes */
  async arrival(): Promise<SctpPacket> {
    for (const end = Date.now() + 10_000; Date.now() < end; await sleep(2)) {
      const packet = this.next()
      if (packet !== undefined) return packet
    }
    throw new Error('no packet arrives')
  }

  /** The next packet that has arrived; undefined where none has. Packets between two ends on one machine arrive while they are sent. */
  next(): SctpPacket | undefined {
    const buffer = Buffer.alloc(2048)
    const length = receive(this.#fd, buffer)
    if (length === undefined) return undefined
    const packet = Buffer.from(buffer.subarray(this.#family === 4 ? (buffer[0] ?? 0) % 16 * 4 : 0, length))
    const checksum = packet.readUInt32LE(8)
    packet.writeUInt32LE(0, 8)
    return { sourcePort: packet.readUInt16BE(0), destinationPort: packet.readUInt16BE(2), isIntact: crc32c(packet) === checksum }
  }

  [Symbol.dispose](): void {
    close(this.#fd)
  }
}

function crc32c(data: Buffer): number {
  let crc = 0xffff_ffff
  for (const byte of data) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? crc >>> 1 ^ 0x82f6_3b78 : crc >>> 1
  }
  return (crc ^ 0xffff_ffff) >>> 0
}
