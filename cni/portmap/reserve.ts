/**
 * Host ports, taken for an attachment: no other attachment has them, and no program of the host listens there. The reference plugin
 * does neither, so that the one that comes later is silently left without traffic.
 */
import type { Family } from '../../objects/firewall.ts'
import type { HostPort } from '../../store/cni-store.ts'
import type { CniCore, CniView } from '../core.ts'
import { cniCodes, cniError } from '../error.ts'
import type { PortMapping } from './config.ts'

/** Binds the ports, which the caller gives to `keepPorts` or releases. @throws code 11 naming the holder */
export function bindPorts(core: CniCore, mappings: readonly PortMapping[], families: readonly Family[]): readonly number[] {
  if (mappings.length === 0) return []
  return core.ports.reserve(mappings.map(({ protocol, hostPort, containerPort, hostIp }) => ({
    protocol, host: { first: hostPort, last: hostPort }, container: { first: containerPort, last: containerPort }, ...hostIp === undefined ? {} : { hostIp },
  })), families).descriptors
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
