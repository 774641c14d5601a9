/**
 * The expressions that rules are made of, as netlink attributes. Pure; each is one instruction of the kernel's rule machine.
 *
 * Values in registers are in network order where they come from packets, in the machine's where they come from the kernel.
 */
import { type Attribute, be32, bytes, nested, text, u8 } from '../../kernel/netlink/attribute.ts'
import type { Family } from '../../objects/firewall.ts'
import * as nft from './constants.ts'

export type Verdict =
  | { readonly code: 'accept' | 'drop' | 'return' }
  | { readonly code: 'jump' | 'goto', readonly chain: string }

export const verdictCodes = { accept: nft.NF_ACCEPT, drop: nft.NF_DROP, return: nft.NFT_RETURN, jump: nft.NFT_JUMP, goto: nft.NFT_GOTO } as const

/** A load from the packet: which header, where, how many bytes. */
export interface PayloadField { readonly base: number, readonly offset: number, readonly length: number }

export function meta(key: number, register: number = nft.NFT_REG_1): Attribute {
  return expression('meta', [be32(nft.NFTA_META_KEY, key), be32(nft.NFTA_META_DREG, register)])
}

/** The other way round: from the register into the packet's meta data. */
export function setMeta(key: number): Attribute {
  return expression('meta', [be32(nft.NFTA_META_KEY, key), be32(nft.NFTA_META_SREG, nft.NFT_REG_1)])
}

export function payload(field: PayloadField, register: number = nft.NFT_REG_1): Attribute {
  return expression('payload', [
    be32(nft.NFTA_PAYLOAD_DREG, register), be32(nft.NFTA_PAYLOAD_BASE, field.base),
    be32(nft.NFTA_PAYLOAD_OFFSET, field.offset), be32(nft.NFTA_PAYLOAD_LEN, field.length),
  ])
}

export function cmp(operator: number, value: Uint8Array): Attribute {
  return expression('cmp', [be32(nft.NFTA_CMP_SREG, nft.NFT_REG_1), be32(nft.NFTA_CMP_OP, operator), data(nft.NFTA_CMP_DATA, value)])
}

/** register = register & mask ^ flip */
export function bitwise(mask: Uint8Array, flip: Uint8Array = new Uint8Array(mask.length)): Attribute {
  return expression('bitwise', [
    be32(nft.NFTA_BITWISE_SREG, nft.NFT_REG_1), be32(nft.NFTA_BITWISE_DREG, nft.NFT_REG_1), be32(nft.NFTA_BITWISE_LEN, mask.length),
    data(nft.NFTA_BITWISE_MASK, mask), data(nft.NFTA_BITWISE_XOR, flip),
  ])
}

/** Looks the first register up in a map, into the same register; a key that is not there ends the rule. */
export function lookup(map: string): Attribute {
  return expression('lookup', [
    text(nft.NFTA_LOOKUP_SET, map), be32(nft.NFTA_LOOKUP_SREG, nft.NFT_REG_1), be32(nft.NFTA_LOOKUP_DREG, nft.NFT_REG_1),
  ])
}

/** As `lookup`, for a set, or for a map of verdicts, which are carried out. */
export function lookupSet(set: string, options: { readonly inverted?: boolean } = {}): Attribute {
  return expression('lookup', [
    text(nft.NFTA_LOOKUP_SET, set), be32(nft.NFTA_LOOKUP_SREG, nft.NFT_REG_1),
    ...options.inverted === true ? [be32(nft.NFTA_LOOKUP_FLAGS, nft.NFT_LOOKUP_F_INV)] : [],
  ])
}

export function lookupVerdict(map: string): Attribute {
  return expression('lookup', [
    text(nft.NFTA_LOOKUP_SET, map), be32(nft.NFTA_LOOKUP_SREG, nft.NFT_REG_1), be32(nft.NFTA_LOOKUP_DREG, nft.NFT_REG_VERDICT),
  ])
}

export function immediate(value: Uint8Array, register: number = nft.NFT_REG_1): Attribute {
  return expression('immediate', [be32(nft.NFTA_IMMEDIATE_DREG, register), data(nft.NFTA_IMMEDIATE_DATA, value)])
}

export function immediateVerdict(verdict: Verdict): Attribute {
  return expression('immediate', [
    be32(nft.NFTA_IMMEDIATE_DREG, nft.NFT_REG_VERDICT), nested(nft.NFTA_IMMEDIATE_DATA, [verdictData(verdict)]),
  ])
}

/** The address is in the first register, the port, where there is one, behind it. */
export function nat(type: number, family: Family, withPort: boolean): Attribute {
  return expression('nat', [
    be32(nft.NFTA_NAT_TYPE, type), be32(nft.NFTA_NAT_FAMILY, nfproto(family)), be32(nft.NFTA_NAT_REG_ADDR_MIN, nft.NFT_REG_1),
    ...withPort ? [be32(nft.NFTA_NAT_REG_PROTO_MIN, registerBehind(family))] : [],
  ])
}

export function masq(): Attribute {
  return expression('masq', [])
}

export function notrack(): Attribute {
  return expression('notrack', [])
}

/** The type of an address: RTN_LOCAL, … */
export function fibAddressType(direction: number): Attribute {
  return expression('fib', [
    be32(nft.NFTA_FIB_DREG, nft.NFT_REG_1), be32(nft.NFTA_FIB_RESULT, nft.NFT_FIB_RESULT_ADDRTYPE), be32(nft.NFTA_FIB_FLAGS, direction),
  ])
}

export function ct(key: number): Attribute {
  return expression('ct', [be32(nft.NFTA_CT_DREG, nft.NFT_REG_1), be32(nft.NFTA_CT_KEY, key)])
}

export function counter(): Attribute {
  return expression('counter', [bytes(nft.NFTA_COUNTER_BYTES, new Uint8Array(8)), bytes(nft.NFTA_COUNTER_PACKETS, new Uint8Array(8))])
}

/** Writes what the route, there or back, takes into a segment into the option of a TCP packet, where that is less. Three instructions. */
export function clampMss(): readonly Attribute[] {
  return [
    expression('rt', [be32(nft.NFTA_RT_DREG, nft.NFT_REG_1), be32(nft.NFTA_RT_KEY, nft.NFT_RT_TCPMSS)]),
    expression('byteorder', [
      be32(nft.NFTA_BYTEORDER_SREG, nft.NFT_REG_1), be32(nft.NFTA_BYTEORDER_DREG, nft.NFT_REG_1),
      be32(nft.NFTA_BYTEORDER_OP, nft.NFT_BYTEORDER_HTON), be32(nft.NFTA_BYTEORDER_LEN, 2), be32(nft.NFTA_BYTEORDER_SIZE, 2),
    ]),
    expression('exthdr', [
      u8(nft.NFTA_EXTHDR_TYPE, nft.TCPOPT_MAXSEG), be32(nft.NFTA_EXTHDR_OFFSET, 2), be32(nft.NFTA_EXTHDR_LEN, 2),
      be32(nft.NFTA_EXTHDR_OP, nft.NFT_EXTHDR_OP_TCPOPT), be32(nft.NFTA_EXTHDR_SREG, nft.NFT_REG_1),
    ]),
  ]
}

export function verdictData(verdict: Verdict): Attribute {
  return nested(nft.NFTA_DATA_VERDICT, [
    be32(nft.NFTA_VERDICT_CODE, verdictCodes[verdict.code]), ...'chain' in verdict ? [text(nft.NFTA_VERDICT_CHAIN, verdict.chain)] : [],
  ])
}

export function data(type: number, value: Uint8Array): Attribute {
  return nested(type, [bytes(nft.NFTA_DATA_VALUE, value)])
}

/** The four-byte register behind an address in the first one, `extra` registers on. */
export function registerBehind(family: Family, extra = 0): number {
  return nft.NFT_REG32_00 + addressLength(family) / 4 + extra
}

export function addressLength(family: Family): 4 | 16 {
  return family === 4 ? 4 : 16
}

export function nfproto(family: Family): number {
  return family === 4 ? nft.NFPROTO_IPV4 : nft.NFPROTO_IPV6
}

function expression(name: string, attributes: readonly Attribute[]): Attribute {
  return nested(nft.NFTA_LIST_ELEM, [text(nft.NFTA_EXPR_NAME, name), nested(nft.NFTA_EXPR_DATA, attributes)])
}
