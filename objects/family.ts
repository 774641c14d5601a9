/**
 * What the executor knows of the kernel: families, each of which creates, removes, checks and describes groups of its kinds.
 *
 * A group is a run of consecutive objects of one family in a list, so that an operation is one netfilter transaction and few
 * netlink sends. `create` is all or nothing for its group and idempotent: an object of ours that is there already is success.
 * `remove` goes backward, takes absence as success, does all it can and throws an AggregateError at the end.
 */
import type { KernelObject, ObjectKind } from './object.ts'

export interface ObjectFamily {
  readonly name: string
  readonly kinds: readonly ObjectKind[]
  /** Objects of kind `publish` are about to be asked for, which ones is not known yet. */
  expectPorts?(): void
  /** A group that `create` will get when others are made: what that has to read first may be read meanwhile. May throw what `create` does. */
  prepare?(group: readonly KernelObject[]): void
  create(group: readonly KernelObject[]): Promise<void>
  remove(group: readonly KernelObject[]): Promise<void>
  /**
   * Puts objects in the place of others, so that what both mean is never missing in between; absent: a family that cannot. What is gone
   * already, or there already, is success. After a failure either may be there.
   */
  replace?(old: readonly KernelObject[], fresh: readonly KernelObject[]): Promise<void>
  /** The objects of the group that the kernel does not have. */
  missing(group: readonly KernelObject[]): Promise<readonly KernelObject[]>
  /** The equivalent shell commands that would create the object, one a line, without root or kernel access. */
  describe(object: KernelObject): readonly string[]
}

/** One kind's four operations; `Context` is the family's way to the kernel. */
export interface Kind<T extends KernelObject, Context> {
  create(object: T, context: Context): void | Promise<void>
  remove(object: T, context: Context): void | Promise<void>
  exists(object: T, context: Context): boolean | Promise<boolean>
  describe(object: T): readonly string[]
}

/**
 * Told of every call that changes the kernel, before it is made, in words (`RTM_NEWLINK docker0`, `iptables-restore`, `mount …`).
 * What it throws is thrown to the caller: so faults are injected, and `--debug` traces, without a hook in the code.
 */
export type KernelObserver = (call: string) => void
