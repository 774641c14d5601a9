/**
 * nf_tables through one nfnetlink socket: reading our tables, and changing them in one transaction.
 *
 * The socket is opened with the first call and kept. Closing one that has just deleted something waits 5 to 28 ms for the kernel (RCU), be it
 * at the end of the process, and keeps every other change of rules waiting as long: so it is closed once, at the end, by a helper.
 */
import { TsnetError } from '../../errors/error.ts'
import { monotonicMs } from '../../kernel/clock.ts'
import { closeDetached } from '../../kernel/deferred-send.ts'
import { isErrno } from '../../kernel/error.ts'
import { type Message, NLM_F_ACK, NLM_F_ECHO } from '../../kernel/netlink/message.ts'
import { NETLINK_NETFILTER } from '../../kernel/netlink/native-socket.ts'
import { type NetlinkRequest, NetlinkSocket } from '../../kernel/netlink/socket.ts'
import type { KernelObserver } from '../../objects/family.ts'
import type { OwnChanges } from '../own-changes.ts'
import * as nft from './constants.ts'
import {
  type ChainView, type Counted, type ElementTable, type RuleView, decodeChain, decodeElementCounters, decodeElements, decodeGeneration, decodeRule, isBaseChain,
} from './decode.ts'
import {
  type ChainName, type Element, type TableName, batchBegin, batchEnd, getChain, getChains, getElements, getGeneration, getRules, getSomeElements, getTable,
} from './message.ts'

const deletions: ReadonlySet<number> = new Set([
  nft.NFT_MSG_DELTABLE, nft.NFT_MSG_DELCHAIN, nft.NFT_MSG_DELRULE, nft.NFT_MSG_DELSET, nft.NFT_MSG_DELSETELEM,
])

export class NftKernel {
  readonly #observe: KernelObserver
  readonly #ownChanges: OwnChanges | undefined
  #socket: NetlinkSocket | undefined
  /** Of the last delete, by `monotonicMs`. */
  #deletedAtMs = Number.NEGATIVE_INFINITY

  /** @param ownChanges is told of every transaction */
  constructor(observe: KernelObserver, ownChanges?: OwnChanges) {
    this.#observe = observe
    this.#ownChanges = ownChanges
  }

  /** Grows with every change that anybody makes to any rule. */
  generation(): number {
    const [answer] = this.#open().request(getGeneration())
    return answer === undefined ? 0 : decodeGeneration(answer)
  }

  hasTable(name: TableName): boolean {
    return this.#absent(() => this.#open().request(getTable(name))) !== undefined
  }

  hasChain(name: ChainName): boolean {
    return this.#absent(() => this.#open().request(getChain(name))) !== undefined
  }

  /** The rules of a table; none where there is no such table. */
  rules(name: TableName & { readonly chain?: string }): readonly RuleView[] {
    return (this.#absent(() => this.#open().dump(getRules(name))) ?? []).map(decodeRule)
  }

  /** All chains of all tables; none where the kernel has no nf_tables. */
  chains(): readonly ChainView[] {
    return this.#chains().map(decodeChain)
  }

  /** Those of them that a hook leads to: a few, of which the others need not be read. */
  baseChains(): readonly ChainView[] {
    return this.#chains().filter(isBaseChain).map(decodeChain)
  }

  #chains(): readonly Message[] {
    try {
      return this.#open().dump(getChains())
    } catch (error) {
      if (isErrno(error, 'EOPNOTSUPP', 'EINVAL', 'EPROTONOSUPPORT')) return []
      throw error
    }
  }

  /** The elements of one of our maps; undefined where it is not there. */
  elements(name: TableName, map: string): ElementTable | undefined {
    const messages = this.#absent(() => this.#open().dump(getElements(name, map)))
    return messages === undefined ? undefined : decodeElements(messages)
  }

  /** What the elements of one of our maps have counted. */
  elementCounters(name: TableName, map: string): ReadonlyMap<string, Counted> {
    return decodeElementCounters(this.#absent(() => this.#open().dump(getElements(name, map))) ?? [])
  }

  /** True where all of the elements are there, without reading the others. */
  hasElements(name: TableName, map: string, elements: readonly Element[]): boolean {
    return getSomeElements(name, map, elements).every(it => this.#absent(() => this.#open().request(it)) !== undefined)
  }

  /**
   * All of `requests` or none. With `generation`, only where nothing has changed since.
   * @throws firewall-error; its data has the errno of the first request that was refused
   */
  transact(requests: readonly NetlinkRequest[], generation?: number): void {
    this.#observe(`nfnetlink batch of ${requests.length}`)
    const last = requests.length - 1
    // The acknowledgement of the last request comes after the commit; kernels before 6.10 do not acknowledge the end message.
    const flagsOf = (index: number): number => (index === last ? NLM_F_ACK : 0) | (index === 0 && this.#ownChanges !== undefined ? NLM_F_ECHO : 0)
    const body = requests.map((request, index) => ({ ...request, flags: (request.flags ?? 0) | flagsOf(index) }))
    const { failures, acknowledged, replies } = this.#open().batch([batchBegin(generation), ...body, batchEnd(0)])
    const [failure] = failures
    if (failure !== undefined) throw refusal(failure.error, failures.length)
    this.#ownChanges?.add(replies.filter(isNewGeneration).length)
    if (requests.some(isDelete)) this.#deletedAtMs = monotonicMs()
    if (!acknowledged.has(last + 1)) throw new TsnetError('firewall-error', 'change firewall rules: the kernel did not answer')
  }

  /** The next call opens a socket again. */
  close(): void {
    const socket = this.#socket
    this.#socket = undefined
    if (socket === undefined) return
    if (monotonicMs() - this.#deletedAtMs > GRACE_PERIOD_MS) socket.close()
    else closeDetached(socket.fd, () => socket.close())
  }

  #open(): NetlinkSocket {
    this.#socket ??= NetlinkSocket.open(NETLINK_NETFILTER)
    return this.#socket
  }

  #absent<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined
      throw error
    }
  }
}

/** What a commit that changed something answers to NLM_F_ECHO on its first request, beside an echo of that. */
function isNewGeneration({ type }: Message): boolean {
  return (type & 0xff) === nft.NFT_MSG_NEWGEN
}

function isDelete({ type }: NetlinkRequest): boolean {
  return deletions.has(type & 0xff)
}

function refusal(error: TsnetError, count: number): TsnetError {
  const more = count > 1 ? `, and ${count - 1} more` : ''
  return new TsnetError('firewall-error', `change firewall rules: ${error.message}${more}`, { cause: error, data: error.data })
}

/** After which closing does not wait any more; generously. */
const GRACE_PERIOD_MS = 200
