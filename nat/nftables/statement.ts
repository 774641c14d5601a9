/**
 * The words that our rules are made of: each is a piece of nft's language together with the expressions it stands for, so what
 * `describe` prints and what the kernel gets cannot differ. `nft list` prints the same text (test/golden/nat).
 */
import { ipToBytes, parseIp } from '../../address/ip.ts'
import { parseCidr } from '../../address/cidr.ts'
import type { Attribute } from '../../kernel/netlink/attribute.ts'
import type { Family, Protocol } from '../../objects/firewall.ts'
import * as nft from './constants.ts'
import * as expression from './expression.ts'

export interface Statement { readonly text: string, readonly expressions: readonly Attribute[] }

/** A rule: its statements in order, and a word for people, which `nft list` shows as its comment. */
export interface NftRule { readonly statements: readonly Statement[], readonly comment: string }

const IFNAMSIZ = 16
export const protocolNumbers: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 }
const ICMP = 1
const ICMPV6 = 58
const SYN = 2
const RST = 4

const destinationPort: expression.PayloadField = { base: nft.NFT_PAYLOAD_TRANSPORT_HEADER, offset: 2, length: 2 }

export function iifname(name: string): Statement {
  return { text: `iifname "${name}"`, expressions: [expression.meta(nft.NFT_META_IIFNAME), expression.cmp(nft.NFT_CMP_EQ, linkName(name))] }
}

export function oifname(name: string): Statement {
  return { text: `oifname "${name}"`, expressions: [expression.meta(nft.NFT_META_OIFNAME), expression.cmp(nft.NFT_CMP_EQ, linkName(name))] }
}

export function notIifname(name: string): Statement {
  return { text: `iifname != "${name}"`, expressions: [expression.meta(nft.NFT_META_IIFNAME), expression.cmp(nft.NFT_CMP_NEQ, linkName(name))] }
}

export function notOifname(name: string): Statement {
  return { text: `oifname != "${name}"`, expressions: [expression.meta(nft.NFT_META_OIFNAME), expression.cmp(nft.NFT_CMP_NEQ, linkName(name))] }
}

export const iifnameVmap = (map: string): Statement =>
  ({ text: `iifname vmap @${map}`, expressions: [expression.meta(nft.NFT_META_IIFNAME), expression.lookupVerdict(map)] })

export const oifnameVmap = (map: string): Statement =>
  ({ text: `oifname vmap @${map}`, expressions: [expression.meta(nft.NFT_META_OIFNAME), expression.lookupVerdict(map)] })

export const daddrVmap = (family: Family, map: string): Statement =>
  ({ text: `${word(family)} daddr vmap @${map}`, expressions: [expression.payload(daddrField(family)), expression.lookupVerdict(map)] })

export const saddrVmap = (family: Family, map: string): Statement =>
  ({ text: `${word(family)} saddr vmap @${map}`, expressions: [expression.payload(saddrField(family)), expression.lookupVerdict(map)] })

/** The source is in a subnet. */
export const saddr = (cidr: string): Statement => inSubnet('saddr', saddrField, cidr)

/** The destination is in a subnet. */
export const daddrIn = (cidr: string): Statement => inSubnet('daddr', daddrField, cidr)

function inSubnet(field: string, fieldOf: (family: Family) => expression.PayloadField, cidr: string): Statement {
  const { family, first, prefix } = parseCidr(cidr)
  const address = ipToBytes({ family, value: first })
  return {
    text: `${word(family)} ${field} ${cidr}`,
    expressions: [
      expression.payload(fieldOf(family)), expression.bitwise(maskOf(address.length, prefix)), expression.cmp(nft.NFT_CMP_EQ, address),
    ],
  }
}

/** The destination is one address. */
export function daddr(family: Family, address: string): Statement {
  return {
    text: `${word(family)} daddr ${address}`,
    expressions: [expression.payload(daddrField(family)), expression.cmp(nft.NFT_CMP_EQ, ipToBytes(parseIp(address)))],
  }
}

/** In a chain of both families, what tells an address of one from the bytes of the other. */
export function isOfFamily(family: Family): Statement {
  return {
    text: `meta nfproto ${family === 4 ? 'ipv4' : 'ipv6'}`,
    expressions: [expression.meta(nft.NFT_META_NFPROTO), expression.cmp(nft.NFT_CMP_EQ, Uint8Array.of(expression.nfproto(family)))],
  }
}

export function dport(protocol: Protocol, port: number): Statement {
  return {
    text: `${protocol} dport ${port}`,
    expressions: [
      ...isL4proto(protocolNumbers[protocol]), expression.payload(destinationPort), expression.cmp(nft.NFT_CMP_EQ, networkPort(port)),
    ],
  }
}

/** 127.0.0.0/8: one byte is enough. */
export const daddrLoopback: Statement = {
  text: 'ip daddr 127.0.0.0/8',
  expressions: [expression.payload({ base: nft.NFT_PAYLOAD_NETWORK_HEADER, offset: 16, length: 1 }), expression.cmp(nft.NFT_CMP_EQ, Uint8Array.of(127))],
}

export const notFromLinkLocal: Statement = {
  text: 'ip6 saddr != fe80::/10',
  expressions: [
    expression.payload(saddrField(6)), expression.bitwise(maskOf(16, 10)), expression.cmp(nft.NFT_CMP_NEQ, ipToBytes(parseIp('fe80::'))),
  ],
}

export const daddrLocal: Statement = {
  text: 'fib daddr type local', expressions: [expression.fibAddressType(nft.NFTA_FIB_F_DADDR), expression.cmp(nft.NFT_CMP_EQ, host32(nft.RTN_LOCAL))],
}

export const saddrLocal: Statement = {
  text: 'fib saddr type local', expressions: [expression.fibAddressType(nft.NFTA_FIB_F_SADDR), expression.cmp(nft.NFT_CMP_EQ, host32(nft.RTN_LOCAL))],
}

export const established: Statement = {
  text: 'ct state established,related',
  expressions: [expression.ct(nft.NFT_CT_STATE), expression.bitwise(host32(nft.CT_ESTABLISHED_RELATED)), expression.cmp(nft.NFT_CMP_NEQ, host32(0))],
}

/** A connection that some rule has redirected. */
export const redirected: Statement = {
  text: 'ct status dnat',
  expressions: [expression.ct(nft.NFT_CT_STATUS), expression.bitwise(host32(nft.IPS_DST_NAT)), expression.cmp(nft.NFT_CMP_NEQ, host32(0))],
}

export function ping(family: Family): Statement {
  return family === 4 ? { text: 'meta l4proto icmp', expressions: isL4proto(ICMP) } : { text: 'meta l4proto ipv6-icmp', expressions: isL4proto(ICMPV6) }
}

/** The container's own address, protocol and port are in the set. */
export function portIn(family: Family, set: string): Statement {
  return {
    text: `${word(family)} daddr . meta l4proto . th dport @${set}`, expressions: [...loadAddressKey(family), expression.lookupSet(set)],
  }
}

/** What to do with an address, protocol and port. */
export function addressPortVmap(family: Family, map: string): Statement {
  return {
    text: `${word(family)} daddr . meta l4proto . th dport vmap @${map}`, expressions: [...loadAddressKey(family), expression.lookupVerdict(map)],
  }
}

/** What to do with a protocol and port, on every address. */
export function portVmap(map: string): Statement {
  return {
    text: `meta l4proto . th dport vmap @${map}`,
    expressions: [
      expression.meta(nft.NFT_META_L4PROTO), expression.payload(destinationPort, nft.NFT_REG32_00 + 1), expression.lookupVerdict(map),
    ],
  }
}

/** Sets bits of the packet's mark, and leaves the others. */
export function setMark(bits: number): Statement {
  return {
    text: `meta mark set meta mark or 0x${bits.toString(16)}`,
    expressions: [expression.meta(nft.NFT_META_MARK), expression.bitwise(host32(~bits >>> 0), host32(bits)), expression.setMeta(nft.NFT_META_MARK)],
  }
}

/** Redirects by address, protocol and port. */
export function dnatByAddress(family: Family, map: string): Statement {
  return {
    text: `dnat ${word(family)} to ${word(family)} daddr . meta l4proto . th dport map @${map}`,
    expressions: [...loadAddressKey(family), expression.lookup(map), expression.nat(nft.NFT_NAT_DNAT, family, true)],
  }
}

/** Redirects by protocol and port, on every address. */
export function dnatByPort(family: Family, map: string): Statement {
  return {
    text: `dnat ${word(family)} to meta l4proto . th dport map @${map}`,
    expressions: [
      expression.meta(nft.NFT_META_L4PROTO), expression.payload(destinationPort, nft.NFT_REG32_00 + 1), expression.lookup(map),
      expression.nat(nft.NFT_NAT_DNAT, family, true),
    ],
  }
}

/** Redirects by port alone and leaves the port as it is. */
export function dnatByRange(family: Family, protocol: Protocol, map: string): Statement {
  return {
    text: `dnat ${word(family)} to ${protocol} dport map @${map}`,
    expressions: [
      ...isL4proto(protocolNumbers[protocol]), expression.payload(destinationPort), expression.lookup(map),
      expression.nat(nft.NFT_NAT_DNAT, family, false),
    ],
  }
}

export function dnatTo(family: Family, address: string, port: number): Statement {
  return {
    text: `dnat to ${family === 4 ? address : `[${address}]`}:${port}`,
    expressions: [
      expression.immediate(ipToBytes(parseIp(address))), expression.immediate(networkPort(port), expression.registerBehind(family)),
      expression.nat(nft.NFT_NAT_DNAT, family, true),
    ],
  }
}

export function snat(family: Family, address: string): Statement {
  return {
    text: `snat to ${address}`,
    expressions: [expression.immediate(ipToBytes(parseIp(address))), expression.nat(nft.NFT_NAT_SNAT, family, false)],
  }
}

/** SYN, with or without ACK: where each side says how large its segments may be. */
export const clampMss: Statement = {
  text: 'tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu',
  expressions: [
    ...isL4proto(protocolNumbers.tcp), expression.payload({ base: nft.NFT_PAYLOAD_TRANSPORT_HEADER, offset: 13, length: 1 }),
    expression.bitwise(Uint8Array.of(SYN | RST)), expression.cmp(nft.NFT_CMP_EQ, Uint8Array.of(SYN)), ...expression.clampMss(),
  ],
}

export const masquerade: Statement = { text: 'masquerade', expressions: [expression.masq()] }
export const notrack: Statement = { text: 'notrack', expressions: [expression.notrack()] }
export const counter: Statement = { text: 'counter', expressions: [expression.counter()] }

export function verdict(it: expression.Verdict): Statement {
  return { text: verdictText(it), expressions: [expression.immediateVerdict(it)] }
}

export function verdictText(it: expression.Verdict): string {
  return 'chain' in it ? `${it.code} ${it.chain}` : it.code
}

export function rule(comment: string, ...statements: readonly Statement[]): NftRule {
  return { statements, comment }
}

export function ruleText({ statements, comment }: NftRule): string {
  return `${statements.map(({ text }) => text).join(' ')} comment "${comment}"`
}

/** 16 bytes, as the kernel compares them. */
export function linkName(name: string): Buffer {
  const buffer = Buffer.alloc(IFNAMSIZ)
  buffer.write(name)
  return buffer
}

export function word(family: Family): 'ip' | 'ip6' {
  return family === 4 ? 'ip' : 'ip6'
}

function isL4proto(number: number): readonly Attribute[] {
  return [expression.meta(nft.NFT_META_L4PROTO), expression.cmp(nft.NFT_CMP_EQ, Uint8Array.of(number))]
}

function loadAddressKey(family: Family): readonly Attribute[] {
  return [
    expression.payload(daddrField(family)), expression.meta(nft.NFT_META_L4PROTO, expression.registerBehind(family)),
    expression.payload(destinationPort, expression.registerBehind(family, 1)),
  ]
}

function saddrField(family: Family): expression.PayloadField {
  return { base: nft.NFT_PAYLOAD_NETWORK_HEADER, offset: family === 4 ? 12 : 8, length: expression.addressLength(family) }
}

function daddrField(family: Family): expression.PayloadField {
  return { base: nft.NFT_PAYLOAD_NETWORK_HEADER, offset: family === 4 ? 16 : 24, length: expression.addressLength(family) }
}

function maskOf(length: number, prefix: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => 0xff << Math.min(8, Math.max(0, 8 * (i + 1) - prefix)) & 0xff))
}

function networkPort(port: number): Buffer {
  return Buffer.of(port >>> 8, port & 0xff)
}

function host32(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32LE(value)
  return buffer
}
