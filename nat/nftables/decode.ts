/** What nf_tables answers, as values. Throws nothing but `invalid-message`. */
import { type Attribute, attributeMap, decodeAttributes, readBe32, readText } from '../../kernel/netlink/attribute.ts'
import type { Message } from '../../kernel/netlink/message.ts'
import * as nft from './constants.ts'

/** Key in hexadecimal, with `!` behind it where it is the end of an interval, to the value in hexadecimal or `code chain`. */
export type ElementTable = ReadonlyMap<string, string>

export interface RuleView {
  /** NFPROTO_… */
  readonly family: number
  readonly table: string
  readonly chain: string
  readonly handle: Buffer
  readonly expressions: readonly ExpressionView[]
  readonly comment: string | undefined
}

export interface ExpressionView { readonly name: string, readonly data: ReadonlyMap<number, Buffer> }

export interface ChainView {
  readonly family: number
  readonly table: string
  readonly chain: string
  /** Absent for a chain that only jumps lead to. */
  readonly base: { readonly hook: number, readonly priority: number, readonly policy: number } | undefined
}

const NFGENMSG_LENGTH = 4

export function decodeGeneration(message: Message): number {
  const id = attributeMap(message.payload, NFGENMSG_LENGTH).get(nft.NFTA_GEN_ID)
  return id === undefined ? 0 : readBe32(id)
}

export function decodeElements(messages: readonly Message[]): ElementTable {
  return new Map(messages.flatMap(({ payload }) => {
    const list = attributeMap(payload, NFGENMSG_LENGTH).get(nft.NFTA_SET_ELEM_LIST_ELEMENTS)
    return list === undefined ? [] : decodeAttributes(list).map(decodeElement)
  }))
}

/** The name under which `decodeElements` lists an element. */
export function elementId(key: Uint8Array, end: boolean): string {
  return `${Buffer.from(key.buffer, key.byteOffset, key.length).toString('hex')}${end ? '!' : ''}`
}

export function verdictId(code: number, chain: string): string {
  return chain === '' ? `${code}` : `${code} ${chain}`
}

export function decodeRule(message: Message): RuleView {
  const map = attributeMap(message.payload, NFGENMSG_LENGTH)
  const expressions = map.get(nft.NFTA_RULE_EXPRESSIONS)
  return {
    family: message.payload[0] ?? 0, table: textOf(map.get(nft.NFTA_RULE_TABLE)), chain: textOf(map.get(nft.NFTA_RULE_CHAIN)),
    handle: map.get(nft.NFTA_RULE_HANDLE) ?? Buffer.alloc(0), comment: decodeComment(map.get(nft.NFTA_RULE_USERDATA)),
    expressions: expressions === undefined ? [] : decodeAttributes(expressions).map(decodeExpression),
  }
}

/** Looks for the hook alone. */
export function isBaseChain({ payload }: Message): boolean {
  return attributeMap(payload, NFGENMSG_LENGTH, hookAttribute).size > 0
}

const hookAttribute: ReadonlySet<number> = new Set([nft.NFTA_CHAIN_HOOK])

export function decodeChain(message: Message): ChainView {
  const map = attributeMap(message.payload, NFGENMSG_LENGTH)
  const hook = map.get(nft.NFTA_CHAIN_HOOK)
  const policy = map.get(nft.NFTA_CHAIN_POLICY)
  return {
    family: message.payload[0] ?? 0, table: textOf(map.get(nft.NFTA_CHAIN_TABLE)), chain: textOf(map.get(nft.NFTA_CHAIN_NAME)),
    base: hook === undefined ? undefined : { ...decodeHook(hook), policy: policy === undefined ? nft.NF_ACCEPT : readBe32(policy) },
  }
}

export interface Counted { readonly packets: bigint, readonly bytes: bigint }

/** Packets and bytes of the rule's first counter. */
export function counterOf(rule: RuleView): Counted | undefined {
  const found = rule.expressions.find(({ name }) => name === 'counter')
  return found === undefined ? undefined : countedBy(found)
}

/** What the elements of a map have counted, under the names of `decodeElements`; without those that do not count. */
export function decodeElementCounters(messages: readonly Message[]): ReadonlyMap<string, Counted> {
  return new Map(messages.flatMap(({ payload }) => {
    const list = attributeMap(payload, NFGENMSG_LENGTH).get(nft.NFTA_SET_ELEM_LIST_ELEMENTS)
    return (list === undefined ? [] : decodeAttributes(list)).flatMap((element): [string, Counted][] => {
      const value = attributeMap(element.value).get(nft.NFTA_SET_ELEM_EXPR)
      const expression = value === undefined ? undefined : decodeExpression({ value })
      return expression?.name === 'counter' ? [[decodeElement(element)[0], countedBy(expression)]] : []
    })
  }))
}

function countedBy({ data }: ExpressionView): Counted {
  const number = (type: number): bigint => {
    const value = data.get(type)
    return value?.length === 8 ? value.readBigUInt64BE(0) : 0n
  }
  return { packets: number(nft.NFTA_COUNTER_PACKETS), bytes: number(nft.NFTA_COUNTER_BYTES) }
}

/** The verdict that an `immediate` expression carries out; undefined for any other. */
export function verdictOf(expression: ExpressionView): { readonly code: number, readonly chain: string } | undefined {
  if (expression.name !== 'immediate') return undefined
  const data = expression.data.get(nft.NFTA_IMMEDIATE_DATA)
  const verdict = data === undefined ? undefined : attributeMap(data).get(nft.NFTA_DATA_VERDICT)
  return verdict === undefined ? undefined : decodeVerdictData(verdict)
}

function decodeElement({ value }: Attribute): [string, string] {
  const map = attributeMap(value)
  const flags = map.get(nft.NFTA_SET_ELEM_FLAGS)
  const end = flags !== undefined && (readBe32(flags) & nft.NFT_SET_ELEM_INTERVAL_END) !== 0
  const key = attributeMap(map.get(nft.NFTA_SET_ELEM_KEY) ?? Buffer.alloc(0)).get(nft.NFTA_DATA_VALUE) ?? Buffer.alloc(0)
  return [elementId(key, end), decodeElementValue(map.get(nft.NFTA_SET_ELEM_DATA))]
}

function decodeElementValue(data: Buffer | undefined): string {
  if (data === undefined) return ''
  const map = attributeMap(data)
  const verdict = map.get(nft.NFTA_DATA_VERDICT)
  if (verdict === undefined) return map.get(nft.NFTA_DATA_VALUE)?.toString('hex') ?? ''
  const { code, chain } = decodeVerdictData(verdict)
  return verdictId(code, chain)
}

function decodeVerdictData(verdict: Buffer): { readonly code: number, readonly chain: string } {
  const map = attributeMap(verdict)
  const code = map.get(nft.NFTA_VERDICT_CODE)
  return { code: code === undefined ? 0 : readBe32(code) | 0, chain: textOf(map.get(nft.NFTA_VERDICT_CHAIN)) }
}

/** One expression, as the kernel tells it or as it is told. */
export function decodeExpression({ value }: Pick<Attribute, 'value'>): ExpressionView {
  const map = attributeMap(value)
  const data = map.get(nft.NFTA_EXPR_DATA)
  return { name: textOf(map.get(nft.NFTA_EXPR_NAME)), data: data === undefined ? new Map() : attributeMap(data) }
}

function decodeHook(hook: Buffer): { readonly hook: number, readonly priority: number } {
  const map = attributeMap(hook)
  const number = (type: number): number => {
    const value = map.get(type)
    return value === undefined ? 0 : readBe32(value) | 0
  }
  return { hook: number(nft.NFTA_HOOK_HOOKNUM), priority: number(nft.NFTA_HOOK_PRIORITY) }
}

function decodeComment(userdata: Buffer | undefined): string | undefined {
  const COMMENT = 0
  if (userdata === undefined || userdata[0] !== COMMENT) return undefined
  return readText(userdata.subarray(2, 2 + (userdata[1] ?? 0)))
}

function textOf(value: Buffer | undefined): string {
  return value === undefined ? '' : readText(value)
}
