/** A topology in the language of Graphviz: the host and each network a cluster, bridges and containers nodes, veth pairs edges. */
import type { EndpointNode, LinkCounters, NetworkNode, Topology } from '../../topology/model.ts'
import {
  addressesOf, bridgeText, countText, defaultRouteText, linkText, namespaceText, portCountText, portText, traitsOf, trafficText, uplinkText,
} from './topology-words.ts'

const drift = '#c2331f'

export function topologyDot({ host, networks }: Topology): readonly string[] {
  return [
    'graph tsnet {',
    '  graph [rankdir=TB, fontname="sans-serif", labeljust=l, style=rounded, color="#8a94a6"]',
    '  node [shape=box, style="rounded,filled", fillcolor=white, color="#8a94a6", fontname="sans-serif", fontsize=11]',
    '  edge [fontname="sans-serif", fontsize=9, color="#8a94a6"]',
    '  outside [label="outside", shape=ellipse]',
    '  subgraph cluster_host {',
    `    label=${quoted([`host ${host.name}`])}`,
    '    routing [label="routing and NAT", fillcolor="#eef1f6"]',
    ...host.uplinks.map((uplink, index) => `    uplink${index} [label=${quoted([uplinkText(uplink), ...traffic(uplink)])}]`),
    ...networks.flatMap(networkLines),
    '  }',
    ...host.uplinks.flatMap((_, index) => [`  outside -- uplink${index}`, `  uplink${index} -- routing`]),
    ...networks.flatMap((network, index) => network.driver === 'none' ? [] : [edge(`routing -- network${index}`, network.internal ? ['style=dashed'] : [])]),
    '}',
  ]
}

function networkLines(network: NetworkNode, index: number): readonly string[] {
  const isBroken = network.missing.length > 0
  const title = [
    bridgeText(network), ...traitsOf(network), ...network.subnets.map(({ cidr }) => cidr), ...network.missing.map(title => `missing: ${title}`),
    ...network.rules.filter(({ packets }) => packets > 0).map(rule => `${countText(rule)}: ${rule.rule}`),
  ]
  return [
    `    subgraph cluster_network${index} {`,
    `      label=${quoted([`network ${network.name}`])}`,
    `      network${index} [label=${quoted(title)}, fillcolor="#dfe9fb"${isBroken ? `, color="${drift}", fontcolor="${drift}"` : ''}]`,
    ...network.endpoints.flatMap((endpoint, number) => endpointLines(endpoint, index, number)),
    '    }',
  ]
}

function endpointLines(endpoint: EndpointNode, network: number, number: number): readonly string[] {
  const isBroken = endpoint.missing.length > 0
  const node = `endpoint${network}_${number}`
  const label = [
    endpoint.name, addressesOf(endpoint), endpoint.link?.mac ?? '', namespaceText(endpoint), defaultRouteText(endpoint),
    ...endpoint.sharedBy.map(name => `shared by ${name}`), ...endpoint.ports.map(port => `${portText(port)}${portCountText(port)}`),
    ...endpoint.missing.map(title => `missing: ${title}`),
  ].filter(line => line !== '')
  const link = linkText(endpoint)
  return [
    `      ${node} [label=${quoted(label)}${isBroken ? `, color="${drift}", fontcolor="${drift}"` : ''}]`,
    `    ${edge(`network${network} -- ${node}`, link === '' ? [] : [`label=${quoted([link, ...traffic(endpoint.link)])}`])}`,
  ]
}

function traffic(counted: { readonly statistics: LinkCounters | null } | null): readonly string[] {
  return counted === null || counted.statistics === null ? [] : [trafficText(counted.statistics)]
}

function edge(ends: string, attributes: readonly string[]): string {
  return `  ${ends}${attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`}`
}

/** Lines of a label, left-aligned. */
function quoted(lines: readonly string[]): string {
  const escaped = lines.map(line => line.replaceAll('\\', '\\\\').replaceAll('"', '\\"'))
  return escaped.length === 1 ? `"${escaped[0]}"` : `"${escaped.map(line => `${line}\\l`).join('')}"`
}
