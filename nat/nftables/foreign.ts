/**
 * Living with others: an accept in our table is final only there, so a base chain of somebody else (Docker, ufw, firewalld) that drops
 * whatever it does not know would still drop our packets.
 *
 * The same goes for iptables beside native tables (firewalld). Where a foreign chain on the forward hook has policy drop, or ends by dropping everything, two rules per network go into it: what comes from
 * the bridge and what goes to it is accepted there; our own table still decides. They consist of interface, counter and accept, which
 * iptables-nft can still list (any other match of ours would make `iptables -S` fail), and they stand as late as possible: after every
 * rule by which the other one drops something in particular.
 */
import type { NetlinkRequest } from '../../kernel/netlink/socket.ts'
import type { Family, FirewallObject, IsolationObject } from '../../objects/firewall.ts'
import { families } from '../firewall.ts'
import * as nft from './constants.ts'
import { type ExpressionView, type RuleView, counterOf, verdictOf } from './decode.ts'
import type { NftKernel } from './kernel.ts'
import { type ChainName, deleteRules, newRule, protocolFamily } from './message.ts'
import { type NftRule, type Statement, counter, iifname, oifname, rule, verdict } from './statement.ts'

interface ForeignChain {
  readonly name: ChainName
  readonly rules: readonly RuleView[]
  readonly blocking: boolean
  /** The rule before which ours have to stand; absent: at the end is early enough. */
  readonly blockedBy: RuleView | undefined
}

const FORWARD = 2

export interface ForeignOptions {
  /** Tells whose a table is, by its name: no rule is added to our own. */
  readonly isOwn: (table: string) => boolean
}

export class ForeignChains {
  readonly #kernel: NftKernel
  readonly #isOwn: ForeignOptions['isOwn']

  constructor(kernel: NftKernel, { isOwn }: ForeignOptions) {
    this.#kernel = kernel
    this.#isOwn = isOwn
  }

  /** The rules that the networks of the group lack in foreign chains. */
  accepts(group: readonly FirewallObject[]): readonly NetlinkRequest[] {
    const networks = group.filter(object => object.kind === 'isolation')
    if (networks.length === 0) return []
    return this.#read().filter(({ blocking }) => blocking).flatMap(chain => {
      const bridges = new Set(networks.filter(network => concerns(chain.name, network)).map(({ bridge }) => bridge))
      return [...bridges].flatMap(bridge => directions(bridge).filter(direction => !chain.rules.some(it => isAccept(it, direction)))
        .map(({ statement }) => newRule(chain.name, acceptRule(statement), chain.blockedBy === undefined ? 'tail' : chain.blockedBy.handle)))
    })
  }

  /**
   * Removes the rules of the networks of the group from foreign chains, blocking or not. A chain of family inet serves both families of a
   * network: its rules stay where `isKept` says that the network is there in the other one.
   */
  removals(group: readonly FirewallObject[], isKept: (bridge: string, family: Family) => boolean): readonly NetlinkRequest[] {
    const networks = group.filter(object => object.kind === 'isolation')
    if (networks.length === 0) return []
    const isRemoved = (bridge: string, family: Family): boolean => networks.some(network => network.bridge === bridge && network.family === family)
    return this.#read().flatMap(chain => {
      const bridges = new Set(networks.filter(network => concerns(chain.name, network)).map(({ bridge }) => bridge))
      const accepts = [...bridges].map(bridge => ({ bridge, rules: directions(bridge).flatMap(direction => chain.rules.filter(it => isAccept(it, direction))) }))
      return accepts.filter(({ bridge, rules }) => rules.length > 0 &&
        !(chain.name.family === 'inet' && families.some(family => !isRemoved(bridge, family) && isKept(bridge, family))))
        .flatMap(({ rules }) => rules.map(({ handle }) => deleteRules(chain.name, handle)))
    })
  }

  /** The networks of the group that a foreign chain would drop packets of. */
  unaccepted(group: readonly FirewallObject[]): readonly FirewallObject[] {
    return group.filter(object => this.accepts([object]).length > 0)
  }

  summary(): readonly string[] {
    return this.#read().flatMap(({ name, blocking, rules }) => {
      const ours = rules.filter(isAnyAccept)
      if (!blocking && ours.length === 0) return []
      const place = `${name.family === 'inet' ? 'inet' : name.family === 4 ? 'ip' : 'ip6'} ${name.table} ${name.chain}`
      return [`chain ${place} drops what it does not know; ${ours.length} rules of tsnet let its networks through`]
    })
  }

  #read(): readonly ForeignChain[] {
    return this.#kernel.chains().filter(view => view.base?.hook === FORWARD && !this.#isOwn(view.table)).flatMap(view => {
      const family = familyOf(view.family)
      if (family === undefined) return []
      const inTable = this.#kernel.rules({ family, table: view.table })
      const rules = inTable.filter(({ chain }) => chain === view.chain)
      const blockedBy = rules.find(it => dropsAll(it, inTable, new Set()))
      const blocking = blockedBy !== undefined || view.base?.policy === nft.NF_DROP
      return [{ name: { family, table: view.table, chain: view.chain }, rules, blocking, blockedBy }]
    })
  }
}

interface Direction { readonly key: number, readonly bridge: string, readonly statement: Statement }

function directions(bridge: string): readonly Direction[] {
  return [
    { key: nft.NFT_META_IIFNAME, bridge, statement: iifname(bridge) }, { key: nft.NFT_META_OIFNAME, bridge, statement: oifname(bridge) },
  ]
}

/** Without a comment, which iptables would not understand. */
function acceptRule(statement: Statement): NftRule {
  return rule('', statement, counter, verdict({ code: 'accept' }))
}

function concerns({ family }: ChainName, network: IsolationObject): boolean {
  return family === 'inet' || family === network.family
}

function familyOf(protocol: number): Family | 'inet' | undefined {
  return ([4, 6, 'inet'] as const).find(family => protocolFamily(family) === protocol)
}

/** True where no packet gets past the rule: it drops or rejects without a condition, or leads unconditionally to a chain that does. */
function dropsAll(it: RuleView, all: readonly RuleView[], seen: Set<string>): boolean {
  if (!it.expressions.every(isUnconditional)) return false
  return it.expressions.some(expression => {
    if (expression.name === 'reject' || (expression.name === 'target' && ['DROP', 'REJECT'].includes(nameOf(expression)))) return true
    const target = verdictOf(expression)
    if (target === undefined) return false
    if (target.chain === '') return target.code === nft.NF_DROP
    if (seen.has(target.chain)) return false
    seen.add(target.chain)
    return all.some(next => next.chain === target.chain && dropsAll(next, all, seen))
  })
}

function isUnconditional(expression: ExpressionView): boolean {
  return ['counter', 'log', 'immediate', 'reject', 'target'].includes(expression.name)
    || (expression.name === 'match' && nameOf(expression) === 'comment')
}

/** NFTA_TARGET_NAME, NFTA_MATCH_NAME */
function nameOf({ data }: ExpressionView): string {
  return data.get(1)?.toString().replaceAll('\0', '') ?? ''
}

function isAccept(it: RuleView, { key, bridge }: Direction): boolean {
  const found = interfaceOf(it)
  return found !== undefined && found.key === key && found.name === bridge
}

function isAnyAccept(it: RuleView): boolean {
  return interfaceOf(it) !== undefined && counterOf(it) !== undefined
}

/** The interface of a rule that is exactly interface, counter, accept. */
function interfaceOf(it: RuleView): { readonly key: number, readonly name: string } | undefined {
  const [meta, cmp, count, accept] = it.expressions
  if (it.expressions.length !== 4 || meta?.name !== 'meta' || cmp?.name !== 'cmp' || count?.name !== 'counter' || accept === undefined) return undefined
  if (verdictOf(accept)?.code !== nft.NF_ACCEPT) return undefined
  const key = meta.data.get(nft.NFTA_META_KEY)?.readUInt32BE(0)
  const value = cmp.data.get(nft.NFTA_CMP_DATA)
  if (key === undefined || value === undefined || cmp.data.get(nft.NFTA_CMP_OP)?.readUInt32BE(0) !== nft.NFT_CMP_EQ) return undefined
  // NFTA_DATA_VALUE: header of four bytes, then the name with its zeros.
  return { key, name: value.subarray(4).toString().replaceAll('\0', '') }
}
