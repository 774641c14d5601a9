/**
 * The only place where the order of kernel objects, and the undoing of half of them, lives.
 *
 * Consecutive objects of one family go to it as one group, so that an operation is one netfilter transaction and few netlink
 * sends. Creation runs forward and undoes itself; removal runs backward and never stops. Both are idempotent.
 */
import type { ErrorCode } from '../errors/codes.ts'
import { TsnetError, isTsnetError } from '../errors/error.ts'
import type { ObjectFamily } from '../objects/family.ts'
import type { KernelObject, ObjectKind } from '../objects/object.ts'

interface Group { readonly family: ObjectFamily, readonly objects: KernelObject[] }

export class Executor {
  readonly #familyOf: ReadonlyMap<ObjectKind, ObjectFamily>

  constructor(families: readonly ObjectFamily[]) {
    this.#familyOf = new Map(families.flatMap(family => family.kinds.map(kind => [kind, family] as const)))
  }

  /**
   * Makes all objects or none. What others need as well (`isShared`, asked when it comes to that) is not undone. When even the
   * undoing fails, a SuppressedError tells both.
   */
  async create(objects: readonly KernelObject[], isShared: (object: KernelObject) => boolean = () => false): Promise<void> {
    await using undo = new AsyncDisposableStack()
    const groups = this.#groups(objects)
    for (const { family, objects: group } of groups) family.prepare?.(group)
    for (const { family, objects: group } of groups) {
      await family.create(group)
      undo.defer(() => family.remove(group.filter(object => !isShared(object))))
    }
    undo.move()
  }

  /** An endpoint is being made whose published ports come in a call of their own, soon after. */
  expectPorts(): void {
    for (const family of new Set(this.#familyOf.values())) family.expectPorts?.()
  }

  /**
   * Removes all that can be removed. The links of an endpoint go while the kernel still takes its published ports back, which is a
   * matter of 10 ms and which nothing is built on. @throws AggregateError at the end, of everything that went wrong
   */
  async remove(objects: readonly KernelObject[]): Promise<void> {
    const errors: unknown[] = []
    const underWay = new Map<ObjectFamily, Promise<void>>()
    for (const { family, objects: group } of this.#groups(objects).toReversed()) {
      await underWay.get(family)
      const removal = removeGroup(family, group).catch((error: unknown) => void errors.push(error))
      underWay.set(family, removal)
      if (!group.every(({ kind }) => kind === 'publish')) await removal
    }
    await Promise.all(underWay.values())
    if (errors.length === 0) return
    const causes = errors.flatMap(flatten)
    throw new AggregateError(causes, `remove kernel objects: ${causes.map(messageOf).join('; ')}`)
  }

  /** As `remove` and `create`, in one step where one family makes them all and can. After a failure either may be there. */
  async replace(old: readonly KernelObject[], fresh: readonly KernelObject[]): Promise<void> {
    const [family, ...others] = new Set([...old, ...fresh].map(({ kind }) => this.#family(kind)))
    if (old.length > 0 && fresh.length > 0 && others.length === 0 && family?.replace !== undefined) return family.replace(old, fresh)
    await this.remove(old)
    await this.create(fresh)
  }

  /** What the kernel does not have, in the order given. */
  async missing(objects: readonly KernelObject[]): Promise<readonly KernelObject[]> {
    const missing: KernelObject[] = []
    for (const { family, objects: group } of this.#groups(objects)) missing.push(...await family.missing(group))
    return missing
  }

  /** The equivalent shell commands, one a line. */
  describe(objects: readonly KernelObject[]): readonly string[] {
    return objects.flatMap(object => this.#family(object.kind).describe(object))
  }

  #groups(objects: readonly KernelObject[]): readonly Group[] {
    const groups: Group[] = []
    for (const object of objects) {
      const family = this.#family(object.kind)
      const last = groups.at(-1)
      if (last?.family === family) last.objects.push(object)
      else groups.push({ family, objects: [object] })
    }
    return groups
  }

  #family(kind: ObjectKind): ObjectFamily {
    const family = this.#familyOf.get(kind)
    if (family === undefined) throw new TsnetError('internal-error', `find the family of kernel objects: none makes "${kind}"`)
    return family
  }
}

/** A family that throws, instead of rejecting, counts the same. */
async function removeGroup(family: ObjectFamily, group: readonly KernelObject[]): Promise<void> {
  await family.remove(group)
}

/**
 * Whatever an executor threw as one TsnetError: the first failure's code, all that went wrong in its text, the rest as its
 * cause.
 */
export function failureOf(error: unknown): unknown {
  if (error instanceof SuppressedError) {
    return new TsnetError(codeOf([error.suppressed]),
      `${messageOf(error.suppressed)}; undoing it failed as well (${messageOf(error.error)}), `
      + 'the next command tries again', { cause: error })
  }
  if (!(error instanceof AggregateError)) return error
  return new TsnetError(codeOf(error.errors as readonly unknown[]), error.message, { cause: error })
}

function codeOf(errors: readonly unknown[]): ErrorCode {
  return errors.find(error => isTsnetError(error))?.code ?? 'kernel-error'
}

function flatten(error: unknown): readonly unknown[] {
  return error instanceof AggregateError ? error.errors as readonly unknown[] : [error]
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
