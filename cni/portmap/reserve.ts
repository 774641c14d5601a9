/**
 * Host ports, taken for an attachment: no other attachment has them, and no program of the host listens there. The reference plugin
 * does neither, so that the one that comes later is silently left without traffic.
 */
import type { PortRequest } from '../../cnm/types.ts'
import type { Family, PublishObject } from '../../objects/firewall.ts'
import type { HostPort } from '../../store/cni-store.ts'
import type { CniCore, CniView } from '../core.ts'
import { cniCodes, cniError } from '../error.ts'

/** Binds the ports, which the caller gives to `keepPorts` or releases. @throws port-in-use naming the holder */
export function bindPorts(core: CniCore, published: readonly PublishObject[]): readonly number[] {
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
