/**
 * `typeof` of a set, as nft keeps it in the set's user data: type-length-values of one byte each for type and length, nested.
 * Without it nft gives a key that is no field it knows a type of its own choice, and refuses its own listing.
 * Source: libnftnl's udata.h, and the `build_udata` of nft's expressions.
 */
import * as nft from './constants.ts'
import type { PayloadField } from './expression.ts'

const NFTNL_UDATA_SET_KEYBYTEORDER = 0
const NFTNL_UDATA_SET_KEY_TYPEOF = 3
const EXPRESSION_TYPE = 0
const EXPRESSION_DATA = 1
/** nft's `enum expr_types`. */
const EXPR_PAYLOAD = 7
const EXPR_META = 9
const EXPR_CONCAT = 13
/** nft counts the bases of a payload from 1, as its `enum proto_bases` has one for none. */
const PROTO_BASE_INVALID = 1
const BITS = 8

/** `typeof iifname . @BASE,OFFSET,LENGTH` */
export function typeofIifnameAnd({ base, offset, length }: PayloadField): Uint8Array {
  const iifname = expression(EXPR_META, number(0, nft.NFT_META_IIFNAME))
  // No protocol, and no field of one.
  const payload = expression(EXPR_PAYLOAD, number(0, 0), number(1, 0), number(2, base + PROTO_BASE_INVALID), number(3, offset * BITS), number(4, length * BITS))
  const key = expression(EXPR_CONCAT, nested(0, iifname), nested(1, payload))
  return Buffer.concat([number(NFTNL_UDATA_SET_KEYBYTEORDER, 0), nested(NFTNL_UDATA_SET_KEY_TYPEOF, key)])
}

function expression(type: number, ...data: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([number(EXPRESSION_TYPE, type), nested(EXPRESSION_DATA, ...data)])
}

/** Numbers are the machine's; every machine that this runs on begins with the lowest byte. */
const number = (type: number, value: number): Uint8Array => Buffer.of(type, 4, value & 0xff, value >>> 8 & 0xff, 0, 0)

function nested(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(type, content.length), content])
}
