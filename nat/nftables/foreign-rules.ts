/**
 * The rules that go into chains of others, and how they are told again: by exactly what they match, since a comment is nothing that
 * iptables-nft would understand.
 *
 * It lists what it would itself have written: interface, address, protocol and port (from 1.8.8 on), counter, accept; any other match of
 * ours in one of its chains would make `iptables -S` fail.
 */
import type { Attribute } from '../../kernel/netlink/attribute.ts'
import type { Family, FirewallObject } from '../../objects/firewall.ts'
import * as nft from './constants.ts'
import { type ExpressionView, type RuleView, decodeExpression, verdictOf } from './decode.ts'
import { resolverProtocols } from './resolver.ts'
import { type NftRule, type Statement, counter, daddr, dport, iifname, isOfFamily, oifname, rule, verdict } from './statement.ts'

/** NF_INET_LOCAL_IN, NF_INET_FORWARD */
export const hooks = { input: 1, forward: 2 } as const
export type ForeignHook = typeof hooks[keyof typeof hooks]

export interface WantedAccept {
  readonly hook: ForeignHook
  readonly bridge: string
  readonly rule: NftRule
  readonly signature: string
  /** In a chain of family inet it serves both families of the network. */
  readonly ofBothFamilies: boolean
}

/** What has to get through a chain of that family for the object. */
export function wantedAccepts(object: FirewallObject, chainFamily: Family | 'inet'): readonly WantedAccept[] {
  if (object.kind === 'isolation' || object.kind === 'segment') {
    const { bridge } = object
    return [iifname(bridge), oifname(bridge)].map(statement => accept('forward', bridge, [statement]))
  }
  if (object.kind !== 'resolver') return []
  const { bridge, family, address, port } = object
  const of = chainFamily === 'inet' ? [isOfFamily(family)] : []
  return resolverProtocols.map(protocol => accept('input', bridge, [iifname(bridge), ...of, daddr(family, address), dport(protocol, port)]))
}

export function isAccept(it: RuleView, { signature }: WantedAccept): boolean {
  return signatureOf(it) === signature
}

/** Whether the rule is such as ours are, whatever the interface. */
export function isAnyAccept(it: RuleView): boolean {
  return /^meta [67],cmp /.test(signatureOf(it) ?? '')
}

function accept(hook: keyof typeof hooks, bridge: string, matches: readonly Statement[]): WantedAccept {
  const signature = matches.flatMap(({ expressions }) => expressions).map((it: Attribute) => wordOf(decodeExpression(it))).join()
  return {
    hook: hooks[hook], bridge, rule: rule('', ...matches, counter, verdict({ code: 'accept' })), signature, ofBothFamilies: hook === 'forward',
  }
}

/** The matches of a rule that is nothing but matches, counter and accept; undefined for any other. */
function signatureOf({ expressions }: RuleView): string | undefined {
  const [last, count] = [expressions.at(-1), expressions.at(-2)]
  if (last === undefined || verdictOf(last)?.code !== nft.NF_ACCEPT || count?.name !== 'counter') return undefined
  const words = expressions.slice(0, -2).map(wordOf)
  return words.includes(undefined) ? undefined : words.join()
}

/** What a load or comparison says, its registers aside. */
function wordOf({ name, data }: ExpressionView): string | undefined {
  const number = (type: number): number | undefined => data.get(type)?.readUInt32BE(0)
  switch (name) {
    case 'meta': return `meta ${number(nft.NFTA_META_KEY)}`
    case 'payload': return `payload ${number(nft.NFTA_PAYLOAD_BASE)} ${number(nft.NFTA_PAYLOAD_OFFSET)} ${number(nft.NFTA_PAYLOAD_LEN)}`
    // NFTA_DATA_VALUE: header of four bytes, then the value.
    case 'cmp': return `cmp ${number(nft.NFTA_CMP_OP)} ${data.get(nft.NFTA_CMP_DATA)?.subarray(4).toString('hex')}`
    default: return undefined
  }
}
