/**
 * Living with others: an accept in our table is final only there, so a base chain of somebody else (Docker, ufw, firewalld) that drops
 * whatever it does not know would still drop our packets.
 *
 * The same goes for iptables beside native tables (firewalld). Where a foreign chain has policy drop, or ends by dropping everything, rules
 * go into it that accept what is ours (see foreign-rules.ts): on the forward hook what comes from a bridge and what goes to it, where our own
 * table still decides; on the input hook what members of a network ask its resolver, and nothing else of the host. They stand as late as
 * possible: after every rule by which the other one drops something in particular.
 */
import type { NetlinkRequest } from '../../kernel/netlink/socket.ts'
import type { Family, FirewallObject } from '../../objects/firewall.ts'
import { families } from '../firewall.ts'
import * as nft from './constants.ts'
import { type ExpressionView, type RuleView, type ChainView, verdictOf } from './decode.ts'
import { type ForeignHook, type WantedAccept, isAccept, isAnyAccept, wantedAccepts, hooks } from './foreign-rules.ts'
import type { NftKernel } from './kernel.ts'
import { type ChainName, deleteRules, newRule, protocolFamily } from './message.ts'

interface ForeignChain {
  readonly name: ChainName & { readonly family: Family | 'inet' }
  readonly hook: ForeignHook
  readonly rules: readonly RuleView[]
  readonly blocking: boolean
  /** The rule before which ours have to stand; absent: at the end is early enough. */
  readonly blockedBy: RuleView | undefined
}

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

  /** The rules that the objects of the group lack in foreign chains. */
  accepts(group: readonly FirewallObject[]): readonly NetlinkRequest[] {
    if (!group.some(needsAccepts)) return []
    return this.#read().filter(({ blocking }) => blocking).flatMap(chain =>
      wantedIn(chain, group).filter(wanted => !chain.rules.some(it => isAccept(it, wanted)))
        .map(({ rule }) => newRule(chain.name, rule, chain.blockedBy === undefined ? 'tail' : chain.blockedBy.handle)))
  }

  /**
   * Removes the rules of the objects of the group from foreign chains, blocking or not. A chain of family inet serves both families of a
   * network: its rules stay where `isKept` says that the network is there in the other one.
   */
  removals(group: readonly FirewallObject[], isKept: (bridge: string, family: Family) => boolean): readonly NetlinkRequest[] {
    if (!group.some(needsAccepts)) return []
    const isRemoved = (bridge: string, family: Family): boolean =>
      group.some(object => (object.kind === 'isolation' || object.kind === 'segment') && object.bridge === bridge && object.family === family)
    return this.#read().flatMap(chain => wantedIn(chain, group).flatMap(wanted => {
      const { bridge, ofBothFamilies } = wanted
      const found = chain.rules.filter(it => isAccept(it, wanted))
      if (found.length === 0) return []
      const kept = ofBothFamilies && chain.name.family === 'inet' && families.some(family => !isRemoved(bridge, family) && isKept(bridge, family))
      return kept ? [] : found.map(({ handle }) => deleteRules(chain.name, handle))
    }))
  }

  /** The objects of the group that a foreign chain would drop packets of. */
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
    return this.#kernel.baseChains().filter(view => !this.#isOwn(view.table)).flatMap(view => {
      const family = familyOf(view.family)
      const hook = hookOf(view)
      if (family === undefined || hook === undefined) return []
      const inTable = this.#kernel.rules({ family, table: view.table })
      const rules = inTable.filter(({ chain }) => chain === view.chain)
      const blockedBy = rules.find(it => dropsAll(it, inTable, new Set()))
      const blocking = blockedBy !== undefined || view.base?.policy === nft.NF_DROP
      return [{ name: { family, table: view.table, chain: view.chain }, hook, rules, blocking, blockedBy }]
    })
  }
}

function needsAccepts({ kind }: FirewallObject): boolean {
  return kind === 'isolation' || kind === 'segment' || kind === 'resolver'
}

/** What the chain has to let through for the objects, each once. */
function wantedIn({ name, hook }: ForeignChain, group: readonly FirewallObject[]): readonly WantedAccept[] {
  const wanted = group.filter(({ family }) => name.family === 'inet' || name.family === family)
    .flatMap(object => wantedAccepts(object, name.family)).filter(accept => accept.hook === hook)
  return [...new Map(wanted.map(accept => [accept.signature, accept])).values()]
}

function hookOf({ base }: ChainView): ForeignHook | undefined {
  return Object.values(hooks).find(hook => hook === base?.hook)
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
