/**
 * The requests of nf_tables as netlink messages, between the begin and end message that make them one transaction.
 *
 *     nlmsghdr { type = subsystem << 8 | NFT_MSG_… } nfgenmsg { family, version 0, resource id } attributes
 *
 * Pure. Source: net/netfilter/nf_tables_api.c, nfnetlink.c. Equivalent to the lines of `nft -f` given with each function.
 */
import { type Attribute, be32, bytes, encodeAttributes, nested, text } from '../../kernel/netlink/attribute.ts'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from '../../kernel/netlink/message.ts'
import type { NetlinkRequest } from '../../kernel/netlink/socket.ts'
import type { Family } from '../../objects/firewall.ts'
import { layouts } from './attribute-names.ts'
import * as nft from './constants.ts'
import { type Verdict, counter, data, nfproto, verdictData } from './expression.ts'
import type { NftRule } from './statement.ts'

export type TableFamily = Family | 'inet' | 'bridge'
/** A table: ours is `tsnet`, one per family. */
export interface TableName { readonly family: TableFamily, readonly table: string }
export interface ChainName extends TableName { readonly chain: string }

export interface BaseChain { readonly type: 'filter' | 'nat', readonly hook: number, readonly priority: number }

export interface MapShape {
  readonly name: string
  /** User space's numbers for the types, only for display; lengths in bytes. */
  readonly keyType: number
  readonly keyLength: number
  readonly value: { readonly kind: 'verdict' } | { readonly kind: 'none' } | { readonly kind: 'data', readonly type: number, readonly length: number }
  readonly interval: boolean
  /** The keys are in the machine's byte order, as names of links are: `nft` has to know it to print them. */
  readonly hostOrder?: boolean
  /** The key as an expression, for `nft` to list where no type is as its field is. */
  readonly typeOf?: Uint8Array
  /** Every element counts the packets it was found for (Linux 5.7; an older kernel makes the map without). */
  readonly counting?: boolean
}

/** `end`: the first key that is no longer in the interval which the element before began. */
export interface Element { readonly key: Uint8Array, readonly value?: Uint8Array | Verdict, readonly end?: boolean }

const NFPROTO_INET = 1
const NFPROTO_BRIDGE = 7

/** With the generation that the plan was made on, the kernel refuses (ERESTART) where anybody changed a rule since. */
export function batchBegin(generation?: number): NetlinkRequest {
  const attributes = generation === undefined ? [] : [be32(nft.NFNL_BATCH_GENID, generation)]
  return control(nft.NFNL_MSG_BATCH_BEGIN, 'NFNL_MSG_BATCH_BEGIN', attributes)
}

export function batchEnd(flags: number): NetlinkRequest {
  return { ...control(nft.NFNL_MSG_BATCH_END, 'NFNL_MSG_BATCH_END', []), flags }
}

export function getGeneration(): NetlinkRequest {
  return request({ type: nft.NFT_MSG_GETGEN, name: 'NFT_MSG_GETGEN', family: 4, attributes: [] })
}

/** `add table ip tsnet`; `create table …` with `exclusive`. */
export function newTable({ family, table }: TableName, exclusive: boolean): NetlinkRequest {
  return request({
    type: nft.NFT_MSG_NEWTABLE, name: 'NFT_MSG_NEWTABLE', family, detail: table, attributes: [text(nft.NFTA_TABLE_NAME, table)],
    flags: NLM_F_CREATE | (exclusive ? NLM_F_EXCL : 0),
  })
}

/** `delete table ip tsnet`, with all that is in it. */
export function deleteTable({ family, table }: TableName): NetlinkRequest {
  return request({ type: nft.NFT_MSG_DELTABLE, name: 'NFT_MSG_DELTABLE', family, detail: table, attributes: [text(nft.NFTA_TABLE_NAME, table)] })
}

export function getTable({ family, table }: TableName): NetlinkRequest {
  return request({ type: nft.NFT_MSG_GETTABLE, name: 'NFT_MSG_GETTABLE', family, detail: table, attributes: [text(nft.NFTA_TABLE_NAME, table)] })
}

/** `add chain ip tsnet forward { type filter hook forward priority 0; policy accept; }` */
export function newChain(name: ChainName, base?: BaseChain): NetlinkRequest {
  return request({
    type: nft.NFT_MSG_NEWCHAIN, name: 'NFT_MSG_NEWCHAIN', family: name.family, detail: name.chain, flags: NLM_F_CREATE,
    attributes: [...chainAttributes(name), ...base === undefined ? [] : [
      nested(nft.NFTA_CHAIN_HOOK, [be32(nft.NFTA_HOOK_HOOKNUM, base.hook), be32(nft.NFTA_HOOK_PRIORITY, base.priority)]),
      be32(nft.NFTA_CHAIN_POLICY, nft.NF_ACCEPT), text(nft.NFTA_CHAIN_TYPE, base.type),
    ]],
  })
}

/** `delete chain ip tsnet CHAIN`; the chain has to be empty. */
export function deleteChain(name: ChainName): NetlinkRequest {
  return request({ type: nft.NFT_MSG_DELCHAIN, name: 'NFT_MSG_DELCHAIN', family: name.family, detail: name.chain, attributes: chainAttributes(name) })
}

/** `list chain ip tsnet CHAIN`, without its rules */
export function getChain(name: ChainName): NetlinkRequest {
  return request({ type: nft.NFT_MSG_GETCHAIN, name: 'NFT_MSG_GETCHAIN', family: name.family, detail: name.chain, attributes: chainAttributes(name) })
}

/** `list chains` */
export function getChains(): NetlinkRequest {
  return request({ type: nft.NFT_MSG_GETCHAIN, name: 'NFT_MSG_GETCHAIN', family: 0, attributes: [] })
}

/** `add rule ip tsnet CHAIN …`; with the handle of a rule, `insert rule … handle N` before that one. */
export function newRule(name: ChainName, rule: NftRule, place: 'tail' | Buffer = 'tail'): NetlinkRequest {
  const comment = rule.comment === '' ? [] : [bytes(nft.NFTA_RULE_USERDATA, commentData(rule.comment))]
  return request({
    type: nft.NFT_MSG_NEWRULE, name: 'NFT_MSG_NEWRULE', family: name.family, detail: name.chain,
    flags: NLM_F_CREATE | (place === 'tail' ? NLM_F_APPEND : 0),
    attributes: [
      ...ruleAttributes(name), nested(nft.NFTA_RULE_EXPRESSIONS, rule.statements.flatMap(({ expressions }) => expressions)), ...comment,
      ...place === 'tail' ? [] : [bytes(nft.NFTA_RULE_POSITION, place)],
    ],
  })
}

/** `flush chain ip tsnet CHAIN`; with a handle, `delete rule … handle N`. */
export function deleteRules(name: ChainName, handle?: Buffer): NetlinkRequest {
  return request({
    type: nft.NFT_MSG_DELRULE, name: 'NFT_MSG_DELRULE', family: name.family, detail: name.chain,
    attributes: [...ruleAttributes(name), ...handle === undefined ? [] : [bytes(nft.NFTA_RULE_HANDLE, handle)]],
  })
}

/** `list table ip tsnet`, or one chain of it: the rules. */
export function getRules(name: TableName & { readonly chain?: string }): NetlinkRequest {
  const chain = name.chain === undefined ? [] : [text(nft.NFTA_RULE_CHAIN, name.chain)]
  return request({
    type: nft.NFT_MSG_GETRULE, name: 'NFT_MSG_GETRULE', family: name.family, detail: name.table,
    attributes: [text(nft.NFTA_RULE_TABLE, name.table), ...chain],
  })
}

/** `add map ip tsnet NAME { type … : …; counter; }`, a set where it has no values. */
export function newMap({ family, table }: TableName, shape: MapShape, id: number): NetlinkRequest {
  const { value } = shape
  return request({
    type: nft.NFT_MSG_NEWSET, name: 'NFT_MSG_NEWSET', family, detail: shape.name, flags: NLM_F_CREATE,
    attributes: [
      text(nft.NFTA_SET_TABLE, table), text(nft.NFTA_SET_NAME, shape.name), be32(nft.NFTA_SET_ID, id),
      be32(nft.NFTA_SET_FLAGS, (value.kind === 'none' ? 0 : nft.NFT_SET_MAP) | (shape.interval ? nft.NFT_SET_INTERVAL : 0)),
      be32(nft.NFTA_SET_KEY_TYPE, shape.keyType), be32(nft.NFTA_SET_KEY_LEN, shape.keyLength),
      ...shape.hostOrder === true ? [bytes(nft.NFTA_SET_USERDATA, KEY_IN_HOST_ORDER)] : [],
      ...shape.typeOf === undefined ? [] : [bytes(nft.NFTA_SET_USERDATA, shape.typeOf)],
      ...shape.counting === true ? [{ ...counter(), type: nft.NFTA_SET_EXPR }] : [],
      ...value.kind === 'verdict' ? [be32(nft.NFTA_SET_DATA_TYPE, nft.NFT_DATA_VERDICT), be32(nft.NFTA_SET_DATA_LEN, 0)] : [],
      ...value.kind === 'data' ? [be32(nft.NFTA_SET_DATA_TYPE, value.type), be32(nft.NFTA_SET_DATA_LEN, value.length)] : [],
    ],
  })
}

/** `delete map ip tsnet NAME` */
export function deleteMap({ family, table }: TableName, name: string): NetlinkRequest {
  return request({
    type: nft.NFT_MSG_DELSET, name: 'NFT_MSG_DELSET', family, detail: name,
    attributes: [text(nft.NFTA_SET_TABLE, table), text(nft.NFTA_SET_NAME, name)],
  })
}

/** `add element ip tsnet MAP { … }`, in as many messages as attributes of 64 kB allow. */
export function newElements(table: TableName, map: string, elements: readonly Element[]): readonly NetlinkRequest[] {
  return chunks(elements).map(part => elementRequest({ type: nft.NFT_MSG_NEWSETELEM, name: 'NFT_MSG_NEWSETELEM', flags: NLM_F_CREATE }, table, map, part))
}

/** `delete element ip tsnet MAP { … }` */
export function deleteElements(table: TableName, map: string, elements: readonly Element[]): readonly NetlinkRequest[] {
  const keys = elements.map(({ key, end }) => ({ key, ...end === undefined ? {} : { end } }))
  return chunks(keys).map(part => elementRequest({ type: nft.NFT_MSG_DELSETELEM, name: 'NFT_MSG_DELSETELEM', flags: 0 }, table, map, part))
}

/** `get element ip tsnet MAP { … }`: refused where one of them is not there. */
export function getSomeElements({ family, table }: TableName, map: string, elements: readonly Element[]): readonly NetlinkRequest[] {
  const keys = elements.map(({ key, end }) => ({ key, ...end === undefined ? {} : { end } }))
  return chunks(keys).map(part => elementRequest({ type: nft.NFT_MSG_GETSETELEM, name: 'NFT_MSG_GETSETELEM', flags: 0 }, { family, table }, map, part))
}

/** `list map ip tsnet MAP` */
export function getElements({ family, table }: TableName, map: string): NetlinkRequest {
  return request({
    type: nft.NFT_MSG_GETSETELEM, name: 'NFT_MSG_GETSETELEM', family, detail: map,
    attributes: [text(nft.NFTA_SET_ELEM_LIST_TABLE, table), text(nft.NFTA_SET_ELEM_LIST_SET, map)],
  })
}

interface RequestParts {
  readonly type: number
  readonly name: string
  readonly family: TableFamily | 0
  readonly attributes: readonly Attribute[]
  readonly flags?: number
  readonly detail?: string
}

function request({ type, name, family, attributes, flags = 0, detail }: RequestParts): NetlinkRequest {
  const layout = layouts[type]
  return {
    type: nft.NFNL_SUBSYS_NFTABLES << 8 | type, name, flags, payload: [generic(protocolFamily(family), 0), encodeAttributes(attributes)],
    ...detail === undefined ? {} : { detail }, ...layout === undefined ? {} : { layout },
  }
}

function control(type: number, name: string, attributes: readonly Attribute[]): NetlinkRequest {
  return { type, name, payload: [generic(0, nft.NFNL_SUBSYS_NFTABLES), encodeAttributes(attributes)] }
}

function generic(family: number, resource: number): Buffer {
  return Buffer.of(family, 0, resource >>> 8, resource & 0xff)
}

export function protocolFamily(family: TableFamily | 0): number {
  switch (family) {
    case 0: return 0
    case 'inet': return NFPROTO_INET
    case 'bridge': return NFPROTO_BRIDGE
    default: return nfproto(family)
  }
}

function chainAttributes(name: ChainName): readonly Attribute[] {
  return [text(nft.NFTA_CHAIN_TABLE, name.table), text(nft.NFTA_CHAIN_NAME, name.chain)]
}

function ruleAttributes(name: ChainName): readonly Attribute[] {
  return [text(nft.NFTA_RULE_TABLE, name.table), text(nft.NFTA_RULE_CHAIN, name.chain)]
}

function elementRequest(
  message: { readonly type: number, readonly name: string, readonly flags: number }, { family, table }: TableName, map: string, part: readonly Element[],
): NetlinkRequest {
  return request({
    ...message, family, detail: map, attributes: [
      text(nft.NFTA_SET_ELEM_LIST_TABLE, table), text(nft.NFTA_SET_ELEM_LIST_SET, map),
      nested(nft.NFTA_SET_ELEM_LIST_ELEMENTS, part.map(elementAttribute)),
    ],
  })
}

function elementAttribute({ key, value, end }: Element): Attribute {
  return nested(nft.NFTA_LIST_ELEM, [
    ...end === true ? [be32(nft.NFTA_SET_ELEM_FLAGS, nft.NFT_SET_ELEM_INTERVAL_END)] : [],
    data(nft.NFTA_SET_ELEM_KEY, key), ...value === undefined ? [] : [valueAttribute(value)],
  ])
}

function valueAttribute(value: Uint8Array | Verdict): Attribute {
  return 'code' in value ? nested(nft.NFTA_SET_ELEM_DATA, [verdictData(value)]) : data(nft.NFTA_SET_ELEM_DATA, value)
}

/** libnftnl's user data: NFTNL_UDATA_SET_KEYBYTEORDER, length, BYTEORDER_HOST_ENDIAN. */
const KEY_IN_HOST_ORDER = Buffer.of(0, 4, 1, 0, 0, 0)

/** The largest element is some 150 bytes long. */
const ELEMENTS_PER_MESSAGE = 400

function chunks(elements: readonly Element[]): readonly (readonly Element[])[] {
  return Array.from({ length: Math.ceil(elements.length / ELEMENTS_PER_MESSAGE) }, (_, i) =>
    elements.slice(i * ELEMENTS_PER_MESSAGE, (i + 1) * ELEMENTS_PER_MESSAGE))
}

/** libnftnl's user data: type 0 is a comment, then length, then the text with its zero. */
function commentData(comment: string): Buffer {
  const words = Buffer.from(`${comment}\0`)
  return Buffer.concat([Buffer.of(0, words.length), words])
}
