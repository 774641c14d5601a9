/**
 * The filter on bridges, through nf_tables' family `bridge`, whichever backend the firewall has.
 *
 * One batch an operation. A guard of a port is written without a look at what is there; only where the kernel does not know the sets, the
 * frame is made with it. A kernel without this family (CONFIG_NF_TABLES_BRIDGE) is told of, and done without: containers work as they do
 * elsewhere, unguarded.
 */
import { isTsnetError } from '../../errors/error.ts'
import type { ErrnoName } from '../../kernel/errno.ts'
import { isErrno } from '../../kernel/error.ts'
import type { NetlinkRequest } from '../../kernel/netlink/socket.ts'
import type { BridgeFilterObject } from '../../objects/bridge-filter.ts'
import type { KernelObserver } from '../../objects/family.ts'
import { counterOf, elementId } from '../nftables/decode.ts'
import { NftKernel } from '../nftables/kernel.ts'
import { type Element, deleteElements, deleteTable, newElements } from '../nftables/message.ts'
import { type NamedElement, elementsOf, isTarget } from './elements.ts'
import { type SetName, apartFrameChains, bridgeTable, frameChains, frameRequests, setShapes } from './layout.ts'

/** What of NftKernel it needs. */
export type BridgeKernel = Pick<NftKernel, 'generation' | 'hasTable' | 'rules' | 'elements' | 'hasElements' | 'transact' | 'close'>

export interface BridgeFilterOptions {
  readonly observe?: KernelObserver
  /** Told, in a sentence, that the kernel has no such filter. */
  readonly warn?: (line: string) => void
  readonly kernel?: BridgeKernel
}

/** More than anybody takes away by chance what is to be removed. */
const MAX_TRIES = 20
/** Each refusal because of another's change means that another succeeded: who shares processors with a hundred that change rules may lose to all. */
const MAX_RACES = 2000
/** What a kernel answers that lacks the family, nf_tables, or nfnetlink altogether. */
const LACKING = ['ENOENT', 'EOPNOTSUPP', 'EINVAL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT'] as const

export class BridgeFilter {
  readonly #kernel: BridgeKernel
  readonly #warn: (line: string) => void
  #hasWarned = false

  constructor({ observe = () => undefined, warn = () => undefined, kernel = new NftKernel(observe) }: BridgeFilterOptions = {}) {
    this.#kernel = kernel
    this.#warn = warn
  }

  /** All of the group or nothing; what is there already is left as it is. @throws firewall-error */
  create(group: readonly BridgeFilterObject[]): void {
    const additions = bySet(group.flatMap(elementsOf)).flatMap(([set, elements]) => newElements(bridgeTable, set, elements))
    if (additions.length === 0) return
    const frame = frameOf(group)
    const needsLook = frame !== frameChains || group.some(({ kind }) => kind === 'guarded-bridge')
    try {
      if (!needsLook || this.#isComplete(frame)) return this.#kernel.transact(additions)
    } catch (error) {
      if (!isRefusal(error, 'ENOENT')) return this.#failOrDoWithout(error)
    }
    try {
      this.#makeGood(frame, additions)
    } catch (error) {
      this.#failOrDoWithout(error)
    }
  }

  /** The frame, with what those who are there already need in sets that an earlier version did not have. */
  #makeGood(frame: typeof frameChains, additions: readonly NetlinkRequest[]): void {
    for (let races = 1; ; races += 1) {
      const generation = this.#kernel.generation()
      const inherited = newElements(bridgeTable, 'targets', this.#inheritedTargets())
      try {
        return this.#kernel.transact([...frameRequests(frame), ...inherited, ...additions], inherited.length > 0 ? generation : undefined)
      } catch (error) {
        if (!isRefusal(error, 'ERESTART') || races === MAX_RACES) throw error
      }
    }
  }

  /** Without the set `targets`, all that was looked at were the addresses that `ipv6` has. */
  #inheritedTargets(): readonly Element[] {
    if (this.#kernel.elements(bridgeTable, 'targets') !== undefined) return []
    return [...this.#kernel.elements(bridgeTable, 'ipv6')?.keys() ?? []].map(id => ({ key: Buffer.from(id, 'hex') })).filter(({ key }) => isTarget(key))
  }

  /** Absence is success. With the last bridge goes the table. @throws firewall-error */
  remove(group: readonly BridgeFilterObject[]): void {
    const wanted = bySet(group.flatMap(elementsOf))
    if (wanted.length === 0) return
    const mayBeLast = group.some(({ kind }) => kind === 'guarded-bridge')
    for (let tries = 1, races = 0; ;) {
      try {
        const generation = mayBeLast ? this.#kernel.generation() : undefined
        const requests = mayBeLast && this.#isLast(wanted) ? [deleteTable(bridgeTable)] : this.#deletions(wanted, tries + races > 1)
        if (requests.length > 0) this.#kernel.transact(requests, generation)
        return
      } catch (error) {
        if (isRefusal(error, 'EOPNOTSUPP', 'EINVAL', 'EPROTONOSUPPORT')) return
        // ENOENT: some of it is gone already; ERESTART: somebody changed a rule between our reading and our writing.
        if (!isRefusal(error, 'ENOENT', 'ERESTART')) throw error
        if (isRefusal(error, 'ERESTART') ? ++races === MAX_RACES : ++tries > MAX_TRIES) throw error
      }
    }
  }

  missing(group: readonly BridgeFilterObject[]): readonly BridgeFilterObject[] {
    if (group.length === 0) return []
    if (!this.#isComplete(frameOf(group))) return group
    return group.filter(object => !bySet(elementsOf(object)).every(([set, elements]) => this.#kernel.hasElements(bridgeTable, set, elements)))
  }

  /** The equivalent `nft` commands, one a line; the frame is no part of it. */
  describe(object: BridgeFilterObject): readonly string[] {
    return elementsOf(object).map(({ set, text }) => `nft add element bridge tsnet ${set} { ${text} }`)
  }

  /** Rules with what they counted, for people. */
  summary(): readonly string[] {
    return this.#kernel.rules(bridgeTable).flatMap(rule => {
      const counter = counterOf(rule)
      return counter === undefined ? [] : [`chain bridge tsnet ${rule.chain}: ${rule.comment ?? ''}  # ${counter.packets} packets, ${counter.bytes} bytes`]
    })
  }

  /** Lets go of its socket; the next call opens one again. */
  close(): void {
    this.#kernel.close()
  }

  #isComplete(frame: typeof frameChains): boolean {
    const counts = Map.groupBy(this.#kernel.rules(bridgeTable), rule => rule.chain)
    return frame.every(({ name, rules }) => counts.get(name)?.length === rules.length)
  }

  /** True where the sets hold nothing else. Whoever has targets has more; alone, they are what an earlier version has left. */
  #isLast(wanted: readonly SetElements[]): boolean {
    return this.#kernel.hasTable(bridgeTable) && setShapes.every(({ name }) => {
      if (name === 'targets') return true
      const ours = new Set(wanted.filter(([set]) => set === name).flatMap(([, elements]) => elements.map(({ key }) => elementId(key, false))))
      return [...this.#kernel.elements(bridgeTable, name)?.keys() ?? []].every(id => ours.has(id))
    })
  }

  #deletions(wanted: readonly SetElements[], careful: boolean): readonly NetlinkRequest[] {
    const isThere = (set: SetName, element: Element): boolean => !careful || this.#kernel.hasElements(bridgeTable, set, [element])
    return wanted.toReversed().flatMap(([set, elements]) => deleteElements(bridgeTable, set, elements.filter(element => isThere(set, element))))
  }

  #failOrDoWithout(error: unknown): void {
    if (!isRefusal(error, ...LACKING)) throw error
    if (this.#hasWarned) return
    this.#hasWarned = true
    this.#warn('this kernel cannot filter on bridges (nf_tables, family bridge): containers of a network could send with each other\'s addresses')
  }
}

/** The chains that a group needs. */
function frameOf(group: readonly BridgeFilterObject[]): typeof frameChains {
  return group.some(object => object.kind === 'port-guard' && (object.onlyTo !== undefined || object.reflects === true)) ? apartFrameChains : frameChains
}

type SetElements = readonly [SetName, readonly Element[]]

function bySet(elements: readonly NamedElement[]): readonly SetElements[] {
  return [...Map.groupBy(elements, ({ set }) => set)].map(([set, parts]) => [set, parts.map(({ element }) => element)])
}

/** A refusal of the batch, or of opening the socket. */
function isRefusal(error: unknown, ...names: readonly ErrnoName[]): boolean {
  if (isTsnetError(error, 'firewall-error')) return names.some(name => name === error.data['errno'])
  return names.some(name => isErrno(error, name))
}
