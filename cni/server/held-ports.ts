/** The host ports of attachments, bound as long as the server lives, so that no program of the host takes one unawares. */
import { close } from '../../kernel/syscalls/descriptor.ts'
import type { PortRequest } from '../../cnm/types.ts'
import { isTsnetError } from '../../errors/error.ts'
import type { AttachmentRecord } from '../attachment.ts'
import { isHelperOf } from '../portmap/reserve.ts'
import type { CniCore } from '../core.ts'

export class HeldPorts {
  readonly #core: CniCore
  readonly #held = new Map<string, readonly number[]>()

  constructor(core: CniCore) {
    this.#core = core
  }

  /** Those of all attachments that there are: after a start. One that is taken meanwhile is told of, and goes on as it is. */
  holdAll(log: (line: string) => void): void {
    for (const record of this.#core.read(tx => tx.attachments.list({ state: 'ready' }))) {
      const requests = requestsOf(record)
      if (requests.length === 0 || record.bootId !== this.#core.bootId) continue
      try {
        this.keep(record.id, this.#core.ports.reserve(requests.map(({ request }) => request), familiesOf(record)).descriptors)
      } catch (error) {
        if (isTsnetError(error, 'port-in-use') && isHelperOf(record.containerId, error.data['holder'])) continue
        log(`warning: hold the ports of ${record.id}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }

  keep(holder: string, descriptors: readonly number[]): void {
    this.release(holder)
    if (descriptors.length > 0) this.#held.set(holder, descriptors)
  }

  release(holder: string): void {
    this.#held.get(holder)?.forEach(close)
    this.#held.delete(holder)
  }

  /** Those of attachments that another process has removed, the standalone executable, while this one was stopped for one. */
  releaseGone(): void {
    const gone = this.#core.read(tx => [...this.#held.keys()].filter(holder => tx.attachments.get(holder) === undefined))
    for (const holder of gone) this.release(holder)
  }

  /** The core's, for one call: what stands in the way of a port is not what is held for nobody. A transaction is then tried again as a whole. */
  reserving(): Pick<CniCore, 'write' | 'ports'> {
    const core = this.#core
    let isInside = false
    const freeing = <T>(act: () => T): T => {
      try {
        return act()
      } catch (error) {
        if (isInside || !isTsnetError(error, 'port-in-use')) throw error
        this.releaseGone()
        return act()
      }
    }
    return {
      write: fn => freeing(() => core.write(tx => {
        isInside = true
        try {
          return fn(tx)
        } finally {
          isInside = false
        }
      })),
      ports: {
        reserve: (requests, families) => freeing(() => core.ports.reserve(requests, families)),
        release: descriptors => { core.ports.release(descriptors) },
      },
    }
  }

  releaseAll(): void {
    for (const holder of this.#held.keys()) this.release(holder)
  }
}

function requestsOf({ objects }: AttachmentRecord): readonly { readonly request: PortRequest }[] {
  const seen = new Set<string>()
  return objects.flatMap(object => {
    if (object.kind !== 'publish') return []
    const { protocol, host, container, hostIp } = object
    const key = `${protocol} ${host.first} ${hostIp ?? ''}`
    if (seen.has(key)) return []
    seen.add(key)
    return [{ request: { protocol, host, container, ...hostIp === undefined ? {} : { hostIp } } }]
  })
}

function familiesOf({ objects }: AttachmentRecord): readonly (4 | 6)[] {
  return ([4, 6] as const).filter(family => objects.some(object => object.kind === 'publish' && object.family === family))
}
