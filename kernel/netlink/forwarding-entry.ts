/**
 * Entries of a bridge's forwarding table that are not learned.
 *
 * Payload: struct ndmsg `| family u8 | 0 u8 | 0 u16 | index i32 | state u16 | flags u8 | type u8 |`, then NDA_* attributes.
 * Source: include/uapi/linux/neighbour.h, net/bridge/br_fdb.c.
 */
import { macToBytes } from '../../address/mac.ts'
import { bytes, encodeAttributes } from './attribute.ts'
import { NLM_F_CREATE, NLM_F_REPLACE } from './message.ts'
import type { NetlinkRequest } from './socket.ts'

/** The MAC is behind that port, whatever comes in by others (Linux 4.20). Twin: `bridge fdb replace MAC dev PORT master static sticky`. */
export function stickyEntry(port: string, index: number, mac: string): NetlinkRequest {
  const header = Buffer.alloc(12)
  header.writeUInt8(AF_BRIDGE, 0)
  header.writeInt32LE(index, 4)
  header.writeUInt16LE(NUD_NOARP | NUD_REACHABLE, 8)
  header.writeUInt8(NTF_MASTER | NTF_STICKY, 10)
  return {
    name: 'RTM_NEWNEIGH', type: RTM_NEWNEIGH, flags: NLM_F_CREATE | NLM_F_REPLACE, detail: port,
    payload: [header, encodeAttributes([bytes(NDA_LLADDR, macToBytes(mac))])],
  }
}

const RTM_NEWNEIGH = 28
const AF_BRIDGE = 7
const NUD_REACHABLE = 0x02
const NUD_NOARP = 0x40
const NTF_MASTER = 0x04
const NTF_STICKY = 0x40
const NDA_LLADDR = 2
