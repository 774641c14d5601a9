/** What CHECK compares of host ports: each that the configuration asks for is one that was published. Pure. */
import type { PublishObject } from '../../objects/firewall.ts'
import { cniCodes, cniError } from '../error.ts'
import { type CniIp, familyOfAddress } from '../result.ts'
import { type PortmapConfig, isEveryAddress, isFor } from './config.ts'

/** @throws code 999 naming a port that is not */
export function checkPublished({ mappings }: PortmapConfig, ips: readonly CniIp[], published: readonly PublishObject[]): void {
  for (const family of ([4, 6] as const).filter(each => ips.some(({ address }) => familyOfAddress(address) === each))) {
    for (const mapping of mappings.filter(each => isFor(each, family))) {
      const { protocol, hostPort, containerPort } = mapping
      const hostIp = isEveryAddress(mapping.hostIp) ? undefined : mapping.hostIp
      const isThere = published.some(each => each.family === family && each.protocol === protocol && each.hostIp === hostIp
        && each.host.first === hostPort && each.container.first === containerPort)
      if (!isThere) throw cniError(cniCodes.other, `host port ${hostPort}/${protocol} does not lead to port ${containerPort} of the container (IPv${family})`)
    }
  }
}
