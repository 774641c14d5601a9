/**
 * Who holds a host port: from the socket tables of /proc/net to the process that has the socket open.
 *
 * Sees what is in this network namespace. A TCP socket that is bound and does not listen, such as tsnet's own reservations, is in no
 * table; the caller knows those from its records. Source: Documentation/networking/proc_net_tcp.rst.
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { formatIp, ipFromBytes, isUnspecified } from '../../address/ip.ts'
import type { Protocol } from '../../objects/firewall.ts'

export interface Holder { readonly pid: number, readonly name: string }

const TCP_LISTEN = 0x0a

interface SocketRow { readonly ip: string, readonly wildcard: boolean, readonly port: number, readonly state: number, readonly inode: string }

/** The process that holds the port on that address or a wildcard; undefined where no process of this namespace is found. */
export function findHolder(protocol: Protocol, port: number, address: { readonly ip: string, readonly wildcard: boolean }): Holder | undefined {
  if (protocol === 'sctp') return undefined
  const rows = [protocol, `${protocol}6`].flatMap(readTable).filter(row =>
    row.port === port && row.inode !== '0' && (address.wildcard || row.wildcard || row.ip === address.ip))
  const row = rows.find(({ state }) => state === TCP_LISTEN) ?? rows[0]
  return row === undefined ? undefined : ownerOf(row.inode)
}

function readTable(name: string): readonly SocketRow[] {
  try {
    return readFileSync(`/proc/thread-self/net/${name}`, 'utf8').trimEnd().split('\n').slice(1).map(parseRow)
  } catch {
    return []
  }
}

/** `  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 …` */
function parseRow(line: string): SocketRow {
  const fields = line.trim().split(/\s+/)
  // Addresses are printed as 32-bit words of the machine, which is little-endian.
  const [address = '', port = ''] = (fields[1] ?? '').split(':')
  const ip = ipFromBytes(Buffer.from(address, 'hex').swap32())
  return {
    ip: formatIp(ip), wildcard: isUnspecified(ip), port: Number.parseInt(port, 16), state: Number.parseInt(fields[3] ?? '', 16), inode: fields[9] ?? '0',
  }
}

function ownerOf(inode: string): Holder | undefined {
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    if (hasSocket(pid, inode)) return { pid: Number(pid), name: nameOf(pid) }
  }
  return undefined
}

function hasSocket(pid: string, inode: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some(fd => linkOf(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`)
  } catch {
    return false
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return 'a process that has just ended'
  }
}
