/**
 * The family of links: namespaces, bridges, veth pairs, addresses, routes, sysctls, bandwidths, over the registered kinds.
 *
 * Creation is all or nothing: what this call made is removed again if it fails, what was there before stays. Removal goes backward,
 * goes on after failures, and leaves out what goes by itself with a namespace or link of the same group.
 */
import { TsnetError, isTsnetError } from '../../errors/error.ts'
import type { ObjectFamily } from '../../objects/family.ts'
import type { KernelObject, LinkObject } from '../../objects/object.ts'
import { type Kernel, Session } from '../kernel.ts'
import { addressKind } from './address.ts'
import { bandwidthKind } from './bandwidth.ts'
import { bridgeKind } from './bridge.ts'
import { bridgeLinkKind } from './bridge-link.ts'
import type { LinkKind } from './kind.ts'
import { linkUpKind } from './link-up.ts'
import { netnsKind } from './netns.ts'
import { routeKind } from './route.ts'
import { sysctlKind } from './sysctl.ts'
import { vethKind } from './veth.ts'

/** One object with its kind's operations bound to it: where the type of the object is still known. */
interface Bound {
  readonly object: LinkObject
  create(session: Session): boolean | Promise<boolean>
  remove(session: Session): void | Promise<void>
  exists(session: Session): boolean
  describe(): readonly string[]
}

export function linkFamily(kernel: Kernel): ObjectFamily {
  return {
    name: 'link',
    kinds: ['netns', 'bridge', 'veth', 'bridge-link', 'address', 'link-up', 'route', 'sysctl', 'bandwidth'],

    async create(group) {
      using session = new Session(kernel)
      await createAll(group.map(bindObject), session)
    },

    async remove(group) {
      using session = new Session(kernel)
      const objects = group.map(bindObject)
      await removeAll(objects.filter(({ object }) => !goesWithAnother(object, group)), session)
    },

    async missing(group) {
      using session = new Session(kernel)
      return group.map(bindObject).filter(bound => !bound.exists(session)).map(({ object }) => object)
    },

    describe: object => bindObject(object).describe(),
  }
}

async function createAll(objects: readonly Bound[], session: Session): Promise<void> {
  const made: Bound[] = []
  try {
    for (const object of objects) if (await object.create(session)) made.push(object)
  } catch (error) {
    const failures = await removeEach(made, session)
    throw failures.length === 0 ? error : withFailedUndo(error, failures)
  }
}

async function removeAll(objects: readonly Bound[], session: Session): Promise<void> {
  const failures = await removeEach(objects, session)
  if (failures.length > 0) {
    const reasons = failures.map(failure => failure instanceof Error ? failure.message : String(failure))
    throw new AggregateError(failures, `remove ${objects.length} kernel objects: ${reasons.join('; ')}`)
  }
}

/** Removes backward; the errors of those that could not be. */
async function removeEach(objects: readonly Bound[], session: Session): Promise<readonly unknown[]> {
  const failures: unknown[] = []
  for (const object of objects.toReversed()) {
    try {
      await object.remove(session)
    } catch (error) {
      failures.push(error)
    }
  }
  return failures
}

/** True where the kernel removes the object by itself when it removes a namespace or link that is in the group too. */
function goesWithAnother(object: LinkObject | KernelObject, group: readonly KernelObject[]): boolean {
  const netns = 'netns' in object && object.kind !== 'veth' ? object.netns : undefined
  if (netns !== undefined) return group.some(other => other.kind === 'netns' && other.path === netns)
  const on = linkUnder(object)
  return on !== undefined && group.some(other => other.kind === 'bridge' && other.name === on || other.kind === 'veth' && other.host === on)
}

/** The link that an object of the host's namespace lives on. */
function linkUnder(object: LinkObject | KernelObject): string | undefined {
  switch (object.kind) {
    case 'address':
    case 'bandwidth': return object.on
    case 'route': return object.dev
    case 'link-up': return object.name
    default: return undefined
  }
}

/** The first error keeps its code; what could not be undone is told behind it. */
function withFailedUndo(error: unknown, failures: readonly unknown[]): Error {
  const reasons = failures.map(failure => failure instanceof Error ? failure.message : String(failure)).join('; ')
  const cause = new AggregateError([error, ...failures], 'failure and failed undo')
  if (!isTsnetError(error)) return new TsnetError('internal-error', `${String(error)}; undoing failed too: ${reasons}`, { cause })
  return new TsnetError(error.code, `${error.message}; undoing failed too: ${reasons}`, { cause, data: error.data })
}

function bindObject(object: KernelObject): Bound {
  switch (object.kind) {
    case 'netns': return bind(object, netnsKind)
    case 'bridge': return bind(object, bridgeKind)
    case 'veth': return bind(object, vethKind)
    case 'bridge-link': return bind(object, bridgeLinkKind)
    case 'address': return bind(object, addressKind)
    case 'link-up': return bind(object, linkUpKind)
    case 'route': return bind(object, routeKind)
    case 'sysctl': return bind(object, sysctlKind)
    case 'bandwidth': return bind(object, bandwidthKind)
    default: throw new TsnetError('internal-error', `no link kind "${object.kind}"`)
  }
}

function bind<T extends LinkObject>(object: T, kind: LinkKind<T>): Bound {
  return {
    object,
    create: session => kind.create(object, session),
    remove: session => kind.remove(object, session),
    exists: session => kind.exists(object, session),
    describe: () => kind.describe(object),
  }
}
