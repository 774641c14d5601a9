/** A topology as a tree for the terminal: networks, their endpoints, ports and rules, with `!` before what the kernel lacks. */
import type { BridgeNode, EndpointNode, NetworkNode, PortNode, RuleNode, Topology, UplinkNode } from '../../topology/model.ts'
import { addressesOf, bridgeText, countText, defaultRouteText, linkText, namespaceText, portCountText, portText, traitsOf, trafficText, uplinkText } from './topology-words.ts'

interface Branch { readonly text: string, readonly below?: readonly Branch[] }

export function topologyText({ host, networks }: Topology): readonly string[] {
  const forwarding = [...host.forwarding.ipv4 ? ['IPv4'] : [], ...host.forwarding.ipv6 ? ['IPv6'] : []]
  const facts = [host.firewall ?? 'no rules', forwarding.length === 0 ? 'no forwarding' : `forwards ${forwarding.join(' and ')}`]
  const below = [...host.uplinks.map(uplinkBranch), ...networks.map(networkBranch)]
  return [`host ${host.name}  (${facts.join(', ')})`, ...drawn(below, '')]
}

function drawn(branches: readonly Branch[], indent: string): readonly string[] {
  return branches.flatMap(({ text, below = [] }, index) => {
    const isLast = index === branches.length - 1
    return [`${indent}${isLast ? '└─' : '├─'} ${text}`, ...drawn(below, `${indent}${isLast ? '   ' : '│  '}`)]
  })
}

function uplinkBranch(uplink: UplinkNode): Branch {
  return { text: `uplink ${uplinkText(uplink)}`, ...uplink.statistics === null ? {} : { below: [{ text: trafficText(uplink.statistics) }] } }
}

function networkBranch(network: NetworkNode): Branch {
  const { name, bridge, subnets, endpoints, rules, missing } = network
  const traits = [bridgeText(network), ...traitsOf(network)]
  return {
    text: `network ${name}  (${traits.join(', ')})`,
    below: [
      ...missing.map(missingBranch),
      ...subnets.map(({ cidr, gateway }) => ({ text: `subnet ${cidr}${gateway === null ? '' : `  gateway ${gateway}`}` })),
      ...(bridge?.segments ?? []).map(segmentBranch),
      ...endpoints.map(endpointBranch),
      ...rules.length === 0 ? [] : [{ text: 'rules', below: rulesBelow(rules) }],
    ],
  }
}

function segmentBranch({ name, up }: BridgeNode['segments'][number]): Branch {
  return { text: `bridge ${name}${up ? '' : ' (down)'}` }
}

function endpointBranch(endpoint: EndpointNode): Branch {
  const { name, link, sharedBy, ports, missing } = endpoint
  const namespace = namespaceText(endpoint)
  return {
    text: [`container ${name}`, addressesOf(endpoint), link?.mac ?? '', defaultRouteText(endpoint)].filter(part => part !== '').join('  '),
    below: [
      ...missing.map(missingBranch),
      ...link === null ? [] : [{ text: `${linkText(endpoint)}${link.statistics === null ? '' : `  ${trafficText(link.statistics)}`}` }],
      ...namespace === '' ? [] : [{ text: namespace }],
      ...sharedBy.length === 0 ? [] : [{ text: `shared by ${sharedBy.join(', ')}` }],
      ...ports.map(portBranch),
    ],
  }
}

function portBranch(port: PortNode): Branch {
  return { text: `port ${portText(port)}${portCountText(port)}${port.missing ? '  ! missing' : ''}` }
}

/** Families apart where there are two. */
function rulesBelow(rules: readonly RuleNode[]): readonly Branch[] {
  const hasBoth = new Set(rules.map(({ family }) => family)).size > 1
  return rules.map(rule => ({ text: `${hasBoth ? `IPv${rule.family} ` : ''}${rule.rule}  # ${countText(rule)}` }))
}

function missingBranch(title: string): Branch {
  return { text: `! missing: ${title}` }
}
