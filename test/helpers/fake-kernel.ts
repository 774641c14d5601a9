/**
 * A kernel for the controller's tests: a set of objects, and three families that add to it and take from it.
 *
 * It fails, or stops for good (as a process that was killed stops), at the n-th object that is made or removed. As the real
 * families, a failed creation takes its own group back, and a stop leaves half of it.
 */
import type { ObjectFamily } from '../../objects/family.ts'
import type { KernelObject, ObjectKind } from '../../objects/object.ts'

const firewallKinds: readonly ObjectKind[] = ['isolation', 'masquerade', 'publish', 'forward-guard', 'segment']
const bridgeFilterKinds: readonly ObjectKind[] = ['guarded-bridge', 'port-guard']
const linkKinds: readonly ObjectKind[] = ['netns', 'bridge', 'veth', 'bridge-link', 'address', 'link-up', 'route', 'sysctl', 'bandwidth']

export interface FaultPlan {
  readonly on: 'create' | 'remove'
  readonly at: number
  readonly how: 'fail' | 'stop-before' | 'stop-after'
}

export class FakeKernel {
  readonly objects = new Map<string, KernelObject>()
  /** Groups as the families got them: `link+3`, `firewall-1`. */
  readonly calls: string[] = []
  /** How often a family was asked what is missing. */
  looks = 0
  readonly families: readonly ObjectFamily[] = [
    this.#family('link', linkKinds), this.#family('bridge filter', bridgeFilterKinds), this.#family('firewall', firewallKinds),
  ]
  #fault: FaultPlan | undefined
  #count = 0
  #stopped: (() => void) | undefined

  /** What outlives its removal by decision: forwarding stays on. */
  get residue(): readonly KernelObject[] {
    return [...this.objects.values()].filter(object => !(object.kind === 'sysctl' && object.keep === true))
  }

  /** Arms one fault; resolves when a `stop` has happened. */
  arm(fault: FaultPlan | undefined): Promise<void> {
    this.#fault = fault
    this.#count = 0
    return new Promise(resolve => { this.#stopped = resolve })
  }

  has(kind: ObjectKind): boolean {
    return [...this.objects.values()].some(object => object.kind === kind)
  }

  #family(name: string, kinds: readonly ObjectKind[]): ObjectFamily {
    return {
      name, kinds,
      create: async group => {
        this.calls.push(`${name}+${group.length}`)
        const made: string[] = []
        try {
          for (const object of group) {
            await this.#step('create', () => {
              const key = JSON.stringify(object)
              if (!this.objects.has(key)) made.push(key)
              this.objects.set(key, object)
            })
          }
        } catch (error) {
          for (const key of made) this.objects.delete(key)
          throw error
        }
      },
      remove: async group => {
        this.calls.push(`${name}-${group.length}`)
        const errors: unknown[] = []
        for (const object of group.toReversed()) {
          const key = JSON.stringify(object)
          const remove = (): void => { if (!(object.kind === 'sysctl' && object.keep === true)) this.objects.delete(key) }
          await this.#step('remove', remove).catch((error: unknown) => errors.push(error))
        }
        if (errors.length > 0) throw new AggregateError(errors, 'remove')
      },
      missing: group => {
        this.looks += 1
        return Promise.resolve(group.filter(object => !this.objects.has(JSON.stringify(object))))
      },
      describe: object => [`make ${object.kind}`],
    }
  }

  async #step(on: 'create' | 'remove', change: () => void): Promise<void> {
    const fault = this.#fault
    const here = fault?.on === on && ++this.#count === fault.at ? fault.how : undefined
    if (here === 'fail') throw new Error(`fault at ${on} ${this.#count}`)
    if (here === 'stop-before') await this.#stop()
    change()
    if (here === 'stop-after') await this.#stop()
  }

  /** Never comes back: what is awaited here is a dead process. */
  #stop(): Promise<never> {
    this.#fault = undefined
    this.#stopped?.()
    return new Promise<never>(() => {})
  }
}
