/**
 * What a firewall backend is: the same few verbs over the same firewall objects, whichever way the kernel is programmed.
 *
 * A backend keeps nothing between calls: the kernel is the truth, the objects are the intent. It touches only what is its own
 * (chains `TSNET*`, tables `tsnet`) and, where a foreign base chain would drop our traffic, adds accepts for our own interfaces.
 */
import type { Family, FirewallObject } from '../objects/firewall.ts'

export const backendNames = ['iptables', 'nftables'] as const
export type BackendName = typeof backendNames[number]

export interface Firewall {
  readonly name: BackendName
  /** Published ports are about to be asked for: what it takes to make rules of them may be started. */
  expectPorts?(): void
  /** Begins to read what `create` will need for a group; changes nothing. */
  prepare?(group: readonly FirewallObject[]): void
  /**
   * Makes the rules of a group in one transaction per family; what is there already is left as it is. All or nothing.
   * @throws firewall-error with what the kernel or the tool said
   */
  create(group: readonly FirewallObject[]): Promise<void>
  /** Removes the rules of a group in one transaction per family; absence is success. The frame goes with the last rule. */
  remove(group: readonly FirewallObject[]): Promise<void>
  /**
   * Puts rules in the place of others of the same networks, in one transaction per family, so that a connection always meets one or the
   * other. After a failure the rules of a family may be either.
   */
  replace(old: readonly FirewallObject[], fresh: readonly FirewallObject[]): Promise<void>
  /** The objects of the group that the kernel does not have, or not completely. */
  missing(group: readonly FirewallObject[]): Promise<readonly FirewallObject[]>
  /** The equivalent `iptables` or `nft` commands, one a line; reads nothing. */
  describe(object: FirewallObject): readonly string[]
  /** Switches the rule that drops forwarding between foreign interfaces, for the families that have networks of ours. */
  setForwardGuard(on: boolean): Promise<void>
  /** What the rules of each object have counted; nothing for rules that do not count, and for those that are not there. */
  counters(group: readonly FirewallObject[]): Promise<readonly ObjectCounters[]>
  /** Everything there is, for people: `tsnet firewall`. */
  summary(): Promise<FirewallSummary>
  /** Lets go of what is held open; the next call opens it again. */
  close(): void
}

/** Counters of one object's own rules, in their order. */
export interface ObjectCounters { readonly object: FirewallObject, readonly rules: readonly RuleCounter[] }

/** A rule of the nat table counts connections by their first packets, any other one every packet. */
export interface RuleCounter {
  /** As the backend's own tool would write it, from the chain on. */
  readonly rule: string
  readonly packets: number
  readonly bytes: number
}

export interface FirewallSummary {
  readonly backend: BackendName
  /** `v1.8.9 (nf_tables)`, or what the kernel speaks. */
  readonly version: string
  /** The families whose forward guard is on. */
  readonly forwardGuard: readonly Family[]
  /** Rules with packet and byte counters, table by table, as the backend's own tool would write them. */
  readonly lines: readonly string[]
}

/** What lets our networks through base chains of others. */
export interface ForeignAccepts {
  add(group: readonly FirewallObject[]): void
  /** `isKept`: the network of a bridge is there in that family after the removal. */
  remove(group: readonly FirewallObject[], isKept: (bridge: string, family: Family) => boolean): void
  /** The networks of the group that a foreign chain would drop packets of. */
  unaccepted(group: readonly FirewallObject[]): readonly FirewallObject[]
  summary(): readonly string[]
  close(): void
}

export const families: readonly Family[] = [4, 6]

/** The objects of one family, in order. */
export function ofFamily(group: readonly FirewallObject[], family: Family): readonly FirewallObject[] {
  return group.filter(object => object.family === family)
}
