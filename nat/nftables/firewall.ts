/**
 * The firewall through nf_tables itself, no tool needed: the tables `ip tsnet` and `ip6 tsnet`. Twin: iptables/firewall.ts.
 *
 * One batch is one transaction over both families. After the last object both tables are gone; where the user has rules in the
 * chain `user`, that chain and the jump to it stay.
 */
import { TsnetError, isTsnetError } from '../../errors/error.ts'
import type { NetlinkRequest } from '../../kernel/netlink/socket.ts'
import type { KernelObserver } from '../../objects/family.ts'
import type { Family, FirewallObject } from '../../objects/firewall.ts'
import { type Firewall, type FirewallSummary, type ObjectCounters, families, ofFamily } from '../firewall.ts'
import { requireConditions } from '../objects/conditions.ts'
import { objectCounters } from './counters.ts'
import { describePieces } from './describe.ts'
import { nfproto } from './expression.ts'
import { type Counted, elementId } from './decode.ts'
import { ForeignChains } from './foreign.ts'
import { NftKernel } from './kernel.ts'
import { GUARD_CHAIN, type MapName, TABLE, USER_CHAIN, chainOf, frameChains, frameRequests, mapShapes, shrinkRequests, tableOf } from './layout.ts'
import { deleteRules, deleteTable, newRule } from './message.ts'
import type { Pieces } from './piece.ts'
import { guardPieces, mergedPieces, piecesOf } from './pieces.ts'
import { type Present, creationRequests, holdsMore, isComplete, removalRequests, withoutElements } from './plan.ts'
import { linkName, word } from './statement.ts'
import { summaryLines } from './summary.ts'
import { type RunProgram, writeVerbatim } from './verbatim.ts'

/** More than anybody takes away by chance what a plan builds on. */
const MAX_TRIES = 20
/** Each refusal because of another's change means that another succeeded: who shares processors with a hundred that change rules may lose to all. */
const MAX_RACES = 2000

export interface NftablesOptions {
  readonly observe?: KernelObserver
  readonly run?: RunProgram
}

export class NftablesFirewall implements Firewall {
  readonly name = 'nftables'
  readonly #observe: KernelObserver
  readonly #run: RunProgram | undefined
  readonly #kernel: NftKernel
  readonly #foreign: ForeignChains

  /** @param run runs `nft`, for conditions of ports alone */
  constructor({ observe = () => undefined, run }: NftablesOptions = {}) {
    this.#observe = observe
    this.#run = run
    this.#kernel = new NftKernel(observe)
    this.#foreign = new ForeignChains(this.#kernel, { isOwn: table => table === TABLE })
  }

  async create(group: readonly FirewallObject[]): Promise<void> {
    if (group.length === 0) return
    requireConditions(group, this.name)
    const conditional = group.filter(object => object.kind === 'publish' && object.conditions !== undefined)
    if (conditional.length > 0) return this.#createConditional(group, conditional)
    this.#create(group)
  }

  #create(group: readonly FirewallObject[]): void {
    this.#transact(careful => [
      ...families.flatMap(family => this.#creation(family, ofFamily(group, family), careful)), ...this.#foreign.accepts(group),
    ])
  }

  /** Chains of the conditions first; again where another process has taken the table away in between, for nothing led to them. */
  async #createConditional(group: readonly FirewallObject[], conditional: readonly FirewallObject[]): Promise<void> {
    const run = this.#run
    if (run === undefined) throw new TsnetError('internal-error', 'publish port: this firewall runs no programs, and the port has conditions')
    const all = families.map(family => ({ family, chains: mergedPieces(ofFamily(conditional, family)).chains })).filter(({ chains }) => chains.length > 0)
    const fresh = conditional.filter(object => !this.#hasConditions(object))
    try {
      for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
        await writeVerbatim(run, this.#observe, all)
        try {
          return this.#create(group)
        } catch (error) {
          if (conditional.every(object => this.#hasConditions(object)) || tries === MAX_TRIES) throw error
        }
      }
    } catch (error) {
      await this.remove(fresh).catch((undoError: unknown) => { throw new SuppressedError(undoError, error, 'a firewall change failed, and so did taking it back') })
      throw error
    }
  }

  #hasConditions(object: FirewallObject): boolean {
    const chains = piecesOf(object).chains.filter(({ verbatim }) => verbatim !== undefined)
    return chains.every(({ name }) => this.#kernel.rules(chainOf(object.family, name)).length > 0)
  }

  async remove(group: readonly FirewallObject[]): Promise<void> {
    if (group.length === 0) return
    this.#transact(careful => [
      ...families.flatMap(family => this.#removal(family, ofFamily(group, family), careful)), ...this.#foreignRemovals(group),
    ])
  }

  async replace(old: readonly FirewallObject[], fresh: readonly FirewallObject[]): Promise<void> {
    this.#transact(careful => families.flatMap(family => this.#replacement(family, { old: ofFamily(old, family), fresh: ofFamily(fresh, family) }, careful)))
  }

  async missing(group: readonly FirewallObject[]): Promise<readonly FirewallObject[]> {
    const unaccepted = new Set(this.#foreign.unaccepted(group))
    return families.flatMap(family => {
      const objects = ofFamily(group, family)
      if (objects.length === 0) return []
      const counts = this.#ruleCounts(family)
      if (!isFrameComplete(family, counts)) return objects
      const present = this.#present(family, mergedPieces(objects))
      return objects.filter(object => unaccepted.has(object) || !isComplete(piecesOf(object), counts, present))
    })
  }

  describe(object: FirewallObject): readonly string[] {
    return describePieces(object.family, piecesOf(object))
  }

  async setForwardGuard(on: boolean): Promise<void> {
    this.#transact(() => families.filter(family => this.#ruleCounts(family).has('forward')).flatMap(family => {
      const chain = chainOf(family, GUARD_CHAIN)
      return [deleteRules(chain), ...on ? guardPieces.chains.flatMap(({ rules }) => rules.map(rule => newRule(chain, rule))) : []]
    }))
  }

  async counters(group: readonly FirewallObject[]): Promise<readonly ObjectCounters[]> {
    const there = families.filter(family => ofFamily(group, family).length > 0)
      .map(family => [family, { rules: this.#kernel.rules(tableOf(family)), maps: this.#countingMaps(family) }] as const)
    return objectCounters(group, new Map(there))
  }

  async summary(): Promise<FirewallSummary> {
    const tables = families.map(family => ({ family, rules: this.#kernel.rules(tableOf(family)) }))
    return {
      backend: this.name,
      version: `nf_tables of Linux ${process.getBuiltinModule('node:os').release()}`,
      forwardGuard: tables.filter(({ rules }) => rules.some(({ chain }) => chain === GUARD_CHAIN)).map(({ family }) => family),
      lines: tables.flatMap(({ family, rules }) => [
        ...summaryLines(family, rules),
        ...mapShapes(family).flatMap(({ name }) => {
          const size = [...this.#kernel.elements(tableOf(family), name)?.keys() ?? []].filter(id => !id.endsWith('!')).length
          return size === 0 ? [] : [`map ${word(family)} ${TABLE} ${name}: ${size} elements`]
        }),
      ]).concat(this.#foreign.summary()),
    }
  }

  close(): void {
    this.#kernel.close()
  }

  #countingMaps(family: Family): ReadonlyMap<MapName, ReadonlyMap<string, Counted>> {
    return new Map(mapShapes(family).filter(({ counting }) => counting).map(({ name }) => [name, this.#kernel.elementCounters(tableOf(family), name)]))
  }

  #creation(family: Family, group: readonly FirewallObject[], careful: boolean): readonly NetlinkRequest[] {
    if (group.length === 0) return []
    const pieces = mergedPieces(group)
    // Elements of maps alone, ports for the most part, go where the maps are; where they are not, the kernel says so, and a closer look follows.
    if (pieces.chains.length === 0 && !careful) return creationRequests(family, pieces, { old: new Set() })
    if (!group.every(object => this.#hasConditions(object))) throw new TsnetError('firewall-error', 'publish port: the chain of its conditions is gone')
    const exists = this.#kernel.hasTable(tableOf(family))
    const frame = exists && isFrameComplete(family, this.#frameCounts(family)) ? [] : frameRequests(family, !exists)
    const chains = pieces.chains.filter(piece => !(exists && piece.name === GUARD_CHAIN && this.#isGuardOn(family)))
    const old = new Set(chains.map(({ name }) => name).filter(name => exists && this.#kernel.hasChain(chainOf(family, name))))
    const present = careful ? { present: this.#present(family, pieces) } : {}
    return [...frame, ...creationRequests(family, { ...pieces, chains }, { old, ...present })]
  }

  #removal(family: Family, group: readonly FirewallObject[], careful: boolean): readonly NetlinkRequest[] {
    if (group.length === 0 || !this.#kernel.hasTable(tableOf(family))) return []
    const pieces = mergedPieces(group)
    const keepsUser = this.#kernel.rules({ ...tableOf(family), chain: USER_CHAIN }).length > 0
    const isLast = this.#isLast(family, pieces)
    if (isLast && !keepsUser) return [deleteTable(tableOf(family))]
    // Nothing but the user's chain is left of the frame.
    if (this.#kernel.elements(tableOf(family), 'into') === undefined) return []
    const removal = removalRequests(family, pieces, careful ? this.#present(family, pieces) : undefined)
    return isLast ? [...removal, ...shrinkRequests(family)] : removal
  }

  /** What goes first: an interval cannot be added where another one still is. */
  #replacement(family: Family, { old, fresh }: { readonly old: readonly FirewallObject[], readonly fresh: readonly FirewallObject[] }, careful: boolean): readonly NetlinkRequest[] {
    if (old.length === 0 && fresh.length === 0) return []
    const gone = mergedPieces(old)
    if (!careful) return [...removalRequests(family, gone), ...this.#creation(family, fresh, false)]
    const come = mergedPieces(fresh)
    const present = this.#present(family, { chains: [], maps: [...gone.maps, ...come.maps] })
    return [
      ...removalRequests(family, gone, present), ...creationRequests(family, come, { old: present.chains, present: withoutElements(present, gone) }),
    ]
  }

  #foreignRemovals(group: readonly FirewallObject[]): readonly NetlinkRequest[] {
    return this.#foreign.removals(group, (bridge, family) => this.#kernel.elements(tableOf(family), 'into')?.has(elementId(linkName(bridge), false)) === true)
  }

  /** Networks are looked at first: while there is one, no map of ports has to be read. */
  #isLast(family: Family, pieces: Pieces): boolean {
    const elementsOf = (map: MapName) => pieces.maps.filter(part => part.map === map).flatMap(({ elements }) => elements)
    return mapShapes(family).every(({ name }) => !holdsMore(this.#kernel.elements(tableOf(family), name), elementsOf(name)))
  }

  #present(family: Family, pieces: Pieces): Present {
    return {
      chains: new Set(this.#kernel.chains().filter(view => view.table === TABLE && view.family === nfproto(family)).map(({ chain }) => chain)),
      maps: new Map(pieces.maps.map(({ map }) => [map, this.#kernel.elements(tableOf(family), map) ?? new Map<string, string>()])),
    }
  }

  #ruleCounts(family: Family): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { chain } of this.#kernel.rules(tableOf(family))) counts.set(chain, (counts.get(chain) ?? 0) + 1)
    return counts
  }

  /** Of the frame's chains alone: a network that is made does not read the rules of all others. */
  #frameCounts(family: Family): ReadonlyMap<string, number> {
    return new Map(frameChains(family).filter(({ rules }) => rules.length > 0)
      .map(({ name }) => [name, this.#kernel.rules({ ...tableOf(family), chain: name }).length]))
  }

  #isGuardOn(family: Family): boolean {
    const wanted = guardPieces.chains.reduce((sum, { rules }) => sum + rules.length, 0)
    return this.#kernel.rules({ ...tableOf(family), chain: GUARD_CHAIN }).length === wanted
  }

  /** Plans and writes; again, with a closer look, where the kernel refused, until it refuses the same twice. */
  #transact(plan: (careful: boolean) => readonly NetlinkRequest[]): void {
    let refused = ''
    for (let tries = 1, races = 0; ;) {
      const generation = this.#kernel.generation()
      const requests = plan(tries + races > 1)
      if (requests.length === 0) return
      try {
        this.#kernel.transact(requests, generation)
        return
      } catch (error) {
        if (!isTsnetError(error, 'firewall-error')) throw error
        // ERESTART: somebody changed a rule between our reading and our writing.
        if (error.data['errno'] === 'ERESTART' ? ++races === MAX_RACES : ++tries > MAX_TRIES || error.message === refused) throw explained(error)
        refused = error.message
      }
    }
  }
}

/** A map that is there with other fields is an earlier version's. The other backend takes all rules, and with them the tables go. */
function explained(error: TsnetError): TsnetError {
  if (error.data['call'] !== 'NFT_MSG_NEWSET' || error.data['errno'] !== 'EEXIST') return error
  return new TsnetError('firewall-error', 'change firewall rules: tables of tsnet in nf_tables are another version\'s; `tsnet firewall use iptables` and then '
    + '`tsnet firewall use nftables` make them anew, with containers running', { cause: error, data: error.data })
}

/** The user's chain and the guard aside, which have lives of their own. */
function isFrameComplete(family: Family, counts: ReadonlyMap<string, number>): boolean {
  return frameChains(family).every(({ name, rules }) => rules.length === 0 || counts.get(name) === rules.length)
}
