/**
 * The words of rules in the family `bridge`: the same pieces of nft's language, about frames and the port they come in by.
 *
 * A look-up of a port together with something of the frame is one look-up in a hash, however many ports there are. Twin: statement.ts.
 */
import * as nft from './constants.ts'
import * as expression from './expression.ts'
import type { Statement } from './statement.ts'

export interface FrameField extends expression.PayloadField { readonly text: string }

export const etherDaddr: FrameField = { text: 'ether daddr', base: nft.NFT_PAYLOAD_LL_HEADER, offset: 0, length: 6 }
export const etherSaddr: FrameField = { text: 'ether saddr', base: nft.NFT_PAYLOAD_LL_HEADER, offset: 6, length: 6 }
export const ipSaddr: FrameField = { text: 'ip saddr', base: nft.NFT_PAYLOAD_NETWORK_HEADER, offset: 12, length: 4 }
export const ip6Saddr: FrameField = { text: 'ip6 saddr', base: nft.NFT_PAYLOAD_NETWORK_HEADER, offset: 8, length: 16 }
export const arpSenderMac: FrameField = { text: 'arp saddr ether', base: nft.NFT_PAYLOAD_NETWORK_HEADER, offset: 8, length: 6 }
export const arpSenderIp: FrameField = { text: 'arp saddr ip', base: nft.NFT_PAYLOAD_NETWORK_HEADER, offset: 14, length: 4 }
/** The target of a neighbour solicitation or advertisement, for which nft 1.0.6 has no word. */
export const neighbourTarget: FrameField = { text: '@th,64,128', base: nft.NFT_PAYLOAD_TRANSPORT_HEADER, offset: 8, length: 16 }

/** Names of links take 16 bytes, four of the four-byte registers. */
const REGISTER_BEHIND_IFNAME = nft.NFT_REG32_00 + 4
const REGISTER_BEHIND_MAC = REGISTER_BEHIND_IFNAME + 2
const ICMPV6 = 58
const groupBit = Uint8Array.of(1, 0, 0, 0, 0, 0)

export const iifnameIn = (set: string): Statement =>
  ({ text: `iifname @${set}`, expressions: [expression.meta(nft.NFT_META_IIFNAME), expression.lookupSet(set)] })

export const oifnameNotIn = (set: string): Statement =>
  ({ text: `oifname != @${set}`, expressions: [expression.meta(nft.NFT_META_OIFNAME), expression.lookupSet(set, { inverted: true })] })

export const bothNamesIn = (set: string): Statement => ({
  text: `iifname . oifname @${set}`,
  expressions: [expression.meta(nft.NFT_META_IIFNAME), expression.meta(nft.NFT_META_OIFNAME, REGISTER_BEHIND_IFNAME), expression.lookupSet(set)],
})

export const iifnameWith = (field: FrameField, set: string): Statement => lookup(field, set, false)
export const iifnameWithout = (field: FrameField, set: string): Statement => lookup(field, set, true)

function lookup(field: FrameField, set: string, inverted: boolean): Statement {
  return {
    text: `iifname . ${field.text} ${inverted ? '!= ' : ''}@${set}`,
    expressions: [
      expression.meta(nft.NFT_META_IIFNAME), expression.payload(field, REGISTER_BEHIND_IFNAME), expression.lookupSet(set, { inverted }),
    ],
  }
}

/** Sender of the frame and of the IPv4 packet in it, in one look-up. */
export const sendersIn = (set: string): Statement => ({
  text: `iifname . ether saddr . ip saddr @${set}`,
  expressions: [
    expression.meta(nft.NFT_META_IIFNAME), expression.payload(etherSaddr, REGISTER_BEHIND_IFNAME), expression.payload(ipSaddr, REGISTER_BEHIND_MAC),
    expression.lookupSet(set),
  ],
})

/** EtherTypes, with nft's words. What the kernel has taken a VLAN tag off shows the type behind it. */
export const etherTypes = { 'ip': 0x0800, 'arp': 0x0806, 'ip6': 0x86dd, '8021q': 0x8100, '8021ad': 0x88a8 } as const

export function protocol(name: keyof typeof etherTypes): Statement {
  const number = etherTypes[name]
  return {
    text: `meta protocol ${name}`,
    expressions: [expression.meta(nft.NFT_META_PROTOCOL), expression.cmp(nft.NFT_CMP_EQ, Uint8Array.of(number >>> 8, number & 0xff))],
  }
}

export const neighbourMessages = { 'nd-neighbor-solicit': 135, 'nd-neighbor-advert': 136 } as const

export function icmp6(name: keyof typeof neighbourMessages): Statement {
  const type: expression.PayloadField = { base: nft.NFT_PAYLOAD_TRANSPORT_HEADER, offset: 0, length: 1 }
  return {
    text: `icmpv6 type ${name}`,
    expressions: [
      expression.meta(nft.NFT_META_L4PROTO), expression.cmp(nft.NFT_CMP_EQ, Uint8Array.of(ICMPV6)),
      expression.payload(type), expression.cmp(nft.NFT_CMP_EQ, Uint8Array.of(neighbourMessages[name])),
    ],
  }
}

export const fromUnspecified: Statement = {
  text: 'ip6 saddr ::', expressions: [expression.payload(ip6Saddr), expression.cmp(nft.NFT_CMP_EQ, new Uint8Array(16))],
}

/** Broadcast and multicast. */
export const toAll: Statement = {
  text: 'ether daddr & 01:00:00:00:00:00 == 01:00:00:00:00:00',
  expressions: [
    expression.payload(etherDaddr), expression.bitwise(groupBit), expression.cmp(nft.NFT_CMP_EQ, groupBit),
  ],
}
