/**
 * Host ports, taken for an attachment: no other attachment has them, and no program of the host listens there. The reference plugin
 * does neither, so that the one that comes later is silently left without traffic.
 */
import { readFileSync } from 'node:fs'
import type { PortRequest } from '../../cnm/types.ts'
import { isTsnetError } from '../../errors/error.ts'
import type { Family, PublishObject } from '../../objects/firewall.ts'
import type { HostPort } from '../../store/cni-store.ts'
import type { CniCore, CniView } from '../core.ts'
import { cniCodes, cniError } from '../error.ts'

/**
 * Binds the ports, which the caller gives to `keepPorts` or releases. One that the container's own helper has bound is left to it: so
 * podman's conmon holds the ports of a running container, when its networks are set up anew. @throws port-in-use naming the holder
 */
export function bindPorts(core: CniCore, published: readonly PublishObject[], containerId: string): readonly number[] {
  try {
    return bindAll(core, published)
  } catch (error) {
    const held = isTsnetError(error, 'port-in-use') && isHelperOf(containerId, error.data['holder']) ? error.data : undefined
    const others = published.filter(({ protocol, host }) => protocol !== held?.['protocol'] || host.first !== held['port'])
    if (held === undefined || others.length === published.length) throw error
    return bindPorts(core, others, containerId)
  }
}

/** A process that was started for a container has its id among its arguments. */
export function isHelperOf(containerId: string, holder: unknown): boolean {
  if (typeof holder !== 'object' || holder === null || !('pid' in holder) || typeof holder.pid !== 'number') return false
  try {
    return readFileSync(`/proc/${holder.pid}/cmdline`, 'utf8').split('\0').slice(1).includes(containerId)
  } catch {
    return false
  }
}

function bindAll(core: CniCore, published: readonly PublishObject[]): readonly number[] {
  const asked = new Map<string, { readonly request: PortRequest, readonly families: Family[] }>()
  for (const { family, protocol, host, container, hostIp } of published) {
    const key = `${protocol} ${host.first} ${hostIp ?? ''}`
    const known = asked.get(key)
    if (known !== undefined) known.families.push(family)
    else asked.set(key, { request: { protocol, host, container, ...hostIp === undefined ? {} : { hostIp } }, families: [family] })
  }
  const descriptors: number[] = []
  try {
    for (const group of Map.groupBy(asked.values(), ({ families }) => families.join(' ')).values()) {
      descriptors.push(...core.ports.reserve(group.map(({ request }) => request), group[0]?.families ?? []).descriptors)
    }
    return descriptors
  } catch (error) {
    core.ports.release(descriptors)
    throw error
  }
}

/** @throws code 11 where another attachment has one of them */
export function refuseTaken(view: Pick<CniView, 'ports'>, ports: readonly HostPort[], id: string): void {
  for (const port of ports) {
    const holder = view.ports.find(port)
    if (holder === undefined || holder === id) continue
    const [network = '', container = ''] = holder.split('/')
    throw cniError(cniCodes.tryAgainLater,
      `host port ${port.port}/${port.protocol} is taken by container "${container}" of network "${network}"`)
  }
}
