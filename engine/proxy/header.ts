/**
 * The PROXY protocol: who the client is, said to the container before the client's first byte. Source:
 * https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt, sections 2.1 and 2.2.
 */
import { ipToBytes, parseIp } from '../../address/ip.ts'

export interface Ends {
  readonly client: { readonly ip: string, readonly port: number }
  readonly server: { readonly ip: string, readonly port: number }
}

/** Both addresses are IPv6. */
export function proxyHeader(version: 'v1' | 'v2', { client, server }: Ends): Buffer {
  if (version === 'v1') return Buffer.from(`PROXY TCP6 ${client.ip} ${server.ip} ${client.port} ${server.port}\r\n`)
  const ports = Buffer.alloc(4)
  ports.writeUInt16BE(client.port, 0)
  ports.writeUInt16BE(server.port, 2)
  return Buffer.concat([signature, Buffer.of(VERSION_2 | PROXY, AF_INET6 | STREAM, 0, 36), ipToBytes(parseIp(client.ip)), ipToBytes(parseIp(server.ip)), ports])
}

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
const VERSION_2 = 0x20
const PROXY = 0x01
const AF_INET6 = 0x20
const STREAM = 0x01
