/**
 * Further bridges of a network: the kernel allows a bridge 1023 ports, so a network grows by bridges that each hang on the first by a veth
 * pair. Addresses, gateway and rules stay with the first; a member cannot tell which bridge it is on. Pure.
 *
 *     members ── first bridge (gateway, rules) ──┬── segment 1 ── members
 *                                                └── segment 2 ── members
 */
import type { NetworkIntent } from '../../cnm/driver.ts'
import type { KernelObject } from '../../objects/object.ts'
import type { EndpointFacts } from '../../objects/facts.ts'
import { optionsOf } from './network-objects.ts'
import { apartTo, isIsolatedPort } from './port-guard.ts'

/** Ports of the first bridge are left for the segments, and one of each segment is its own link. */
export const membersPerBridge = 1000
/** The first one, and as many as it has ports left for. */
export const mostBridges = 24

/** The bridge that members of a segment are on; the first, where there is none. */
export function bridgeOf(network: NetworkIntent, segment = 0): string {
  return segment === 0 ? optionsOf(network).bridgeName : `tsb${network.id.slice(0, 8)}.${segment}`
}

/** The link between the bridges is last: no frame passes before the rules are there. */
export function segmentObjects(network: NetworkIntent, segment: number, facts: EndpointFacts): readonly KernelObject[] {
  const { mtu, bridgeName } = optionsOf(network)
  const name = bridgeOf(network, segment)
  const alias = `tsnet:${network.id}`
  const apart = apartTo(network)
  // Where bridged packets go through iptables, published ports are redirected on the bridge itself, and perhaps back to where they came from.
  const reflects = facts.bridgeNetfilter.v4 || facts.bridgeNetfilter.v6
  const end = (letter: string): string => `ts${letter}${network.id.slice(0, 8)}.${segment}`
  const families = [...network.enableIPv4 ? [4 as const] : [], ...network.enableIPv6 ? [6 as const] : []]
  return [
    { kind: 'bridge', name, mtu, alias },
    // It is no way to the host, which would answer for the gateway's address on every link it has: it has no IPv6, and answers no ARP.
    { kind: 'sysctl', key: `net/ipv6/conf/${name}/disable_ipv6`, value: '1', optional: true },
    { kind: 'sysctl', key: `net/ipv4/conf/${name}/arp_ignore`, value: '8' },
    { kind: 'link-up', name },
    ...families.map(family => ({ kind: 'segment', family, bridge: name } as const)),
    ...apart === undefined ? [] : [{ kind: 'port-guard', port: end('u'), uplink: true } as const],
    // To the first bridge, what comes from here is as from one of its own members.
    ...apart === undefined && !reflects ? [] : [
      { kind: 'port-guard', port: end('l'), ...apart === undefined ? {} : { onlyTo: apart }, ...reflects ? { reflects: true } : {} } as const,
    ],
    {
      kind: 'bridge-link', host: end('l'), peer: end('u'), from: bridgeName, to: name, mtu, alias,
      ...isIsolatedPort(network, facts) ? { isolated: true } : {}, ...reflects ? { hairpin: true } : {},
    },
  ]
}
