/** The networks host and none: always there, never stored, without addresses. */
import { TsnetError } from '../errors/error.ts'
import type { NetworkId, NetworkRecord } from './types.ts'

function predefined(name: 'host' | 'none', id: string): NetworkRecord {
  return {
    id: id.padEnd(64, '0') as NetworkId, name, driver: name, state: 'ready', owner: '', bootId: '', objects: [],
    created: '1970-01-01T00:00:00.000000000Z', subnets: [], internal: false, enableIPv4: false, enableIPv6: false,
    labels: {}, options: {}, parsed: undefined,
  }
}

/** Ids spell the names: "host" and "none" in hexadecimal. */
export const predefinedNetworks: readonly NetworkRecord[] = [predefined('host', '686f7374'), predefined('none', '6e6f6e65')]

export function findPredefined(ref: string): NetworkRecord | undefined {
  return predefinedNetworks.find(network => network.name === ref || network.id === ref)
}

/** @throws predefined-network */
export function refusePredefined(verb: 'create' | 'delete', name: string): void {
  if (findPredefined(name) === undefined) return
  throw new TsnetError('predefined-network', `${verb} network "${name}": host and none are part of tsnet`)
}
