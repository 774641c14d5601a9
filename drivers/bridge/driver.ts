/**
 * Driver bridge: one Linux bridge per network, one veth pair per endpoint, NAT towards the rest of the world.
 * Pure: intent and facts in, kernel objects out. What the objects are, and in which order, stands in the files beside.
 */
import type { Driver } from '../../cnm/driver.ts'
import { namespaceObjects } from '../none/driver.ts'
import { bridgeEndpointObjects, foreignEndpointObjects } from './endpoint-objects.ts'
import { parseEndpointOptions } from './endpoint-options.ts'
import { bridgeNetworkObjects } from './network-objects.ts'
import { parseBridgeOptions } from './options.ts'
import { membersPerBridge, mostBridges, segmentObjects } from './segments.ts'
import { endpointWarnings } from './warnings.ts'

export const bridgeDriver: Driver = {
  name: 'bridge',
  parseOptions: parseBridgeOptions,
  parseEndpointOptions,
  growth: { membersPerBridge, mostBridges, objects: segmentObjects },
  networkObjects: (network, facts) => [
    ...bridgeNetworkObjects(network, facts),
    ...Array.from({ length: network.segments ?? 0 }, (_, i) => segmentObjects(network, i + 1, facts)).flat(),
  ],
  sandboxObjects: namespaceObjects,
  endpointObjects: bridgeEndpointObjects,
  foreignObjects: foreignEndpointObjects,
  endpointWarnings,
}
