/**
 * The picture of this host's networks: records, then what the kernel has of them and has counted, read once.
 *
 * It changes nothing, not even the choice of a firewall backend: that is asked only where there are rules of ours.
 */
import type { NetworkController } from '../cnm/controller-api.ts'
import type { ForeignRuntime } from '../cnm/foreign-api.ts'
import type { EndpointRecord, NetworkRecord, SandboxId, SandboxRecord } from '../cnm/types.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { readFacts } from '../kernel/facts.ts'
import { readLinks } from '../kernel/uplinks.ts'
import { isFirewallObject } from '../nat/family.ts'
import type { KernelObject } from '../objects/object.ts'
import type { ContainerService } from '../runtime/container-service-api.ts'
import { buildTopology } from '../topology/build.ts'
import type { ContainerNode, Topology } from '../topology/model.ts'
import type { Observation, ObservedAttachment } from '../topology/observation.ts'
import type { ChosenFirewall } from './chosen-firewall.ts'

export interface TopologyParts {
  readonly controller: NetworkController
  readonly containers: ContainerService
  readonly foreign: Pick<ForeignRuntime, 'containers'>
  readonly firewall: ChosenFirewall
  readonly kernel: Kernel
  readonly hostname: () => string
  readonly now: () => string
}

/** Which networks, by names or ids, all where there are none; `attached` is what CNI has made. */
export interface TopologyQuery { readonly refs?: readonly string[], readonly attached?: readonly ObservedAttachment[] }

/** @throws network-not-found */
export async function observeTopology(parts: TopologyParts, { refs = [], attached = [] }: TopologyQuery = {}): Promise<Topology> {
  const { controller, firewall } = parts
  const all = controller.listNetworks()
  const attachments = refs.length === 0 ? attached : attached.filter(({ network }) => refs.includes(network))
  const isAttached = (ref: string): boolean => attachments.some(({ network }) => network === ref)
  const networks = refs.length === 0 ? all
    : distinct(refs.flatMap(ref => isAttached(ref) ? all.find(({ id, name }) => id === ref || name === ref) ?? [] : [controller.getNetwork(ref)]))
  const endpoints = controller.listEndpoints()
  const containers = runningContainers(parts)
  const sandboxes = sandboxesOf(controller, endpoints, containers)
  const objects = objectsOf({ networks, endpoints, sandboxes, attachments })
  const rules = objects.filter(isFirewallObject)
  // The host's, whichever of its networks are shown.
  const hasRules = rules.length > 0 || all.some(network => network.objects.some(isFirewallObject))
  const counters = rules.length === 0 ? [] : await firewall.counters(rules)
  const missing = new Set(await controller.missing(objects))
  const { links, uplinks } = readLinks(parts.kernel)
  const { forwarding } = readFacts(parts.kernel)
  return buildTopology({
    time: parts.now(), networks, networkNames: new Map(all.map(({ id, name }) => [id, name])), endpoints, sandboxes, containers, attachments, links, missing,
    host: {
      name: parts.hostname(), firewall: hasRules ? firewall.name : null, forwarding: { ipv4: forwarding.v4, ipv6: forwarding.v6 },
      uplinks: uplinks.map(({ name, up, mtu, mac, addresses, gateways, statistics }) =>
        ({ name, up, mtu, mac: mac ?? null, addresses, gateways, statistics: statistics ?? null })),
    },
    counters: new Map(counters.map(({ object, rules: counted }) => [object, counted])),
  })
}

function runningContainers({ containers, foreign }: TopologyParts): readonly ContainerNode[] {
  const own = containers.list({ all: false }).map(({ id, name, spec }) => ({ id, name, image: spec.image ?? spec.rootfs ?? '' }))
  return [...own, ...foreign.containers().map(({ id, name, image }) => ({ id, name, image }))]
}

function sandboxesOf(
  controller: NetworkController, endpoints: readonly EndpointRecord[], containers: readonly ContainerNode[],
): readonly SandboxRecord[] {
  const ids = new Set([...endpoints.map(({ sandboxId }) => sandboxId), ...containers.map(({ id }) => id as SandboxId)])
  return [...ids].flatMap(id => controller.findSandbox(id) ?? [])
}

/**
 * Of the networks shown and of what is on them, links before rules, so that each family is asked once. The forward guard is left out: it
 * is the host's and can be switched off.
 */
function objectsOf({ networks, endpoints, sandboxes, attachments }: Pick<Observation, 'networks' | 'endpoints' | 'sandboxes' | 'attachments'>): readonly KernelObject[] {
  const shown = new Set(networks.map(({ id }) => id))
  const objects = [
    ...[...networks, ...sandboxes, ...endpoints.filter(({ networkId }) => shown.has(networkId)), ...attachments].flatMap(record => record.objects),
    ...attachments.flatMap(({ shared }) => shared),
  ]
  const isRule = (object: KernelObject): boolean => isFirewallObject(object)
  return [...objects.filter(object => !isRule(object)), ...objects.filter(object => isRule(object) && object.kind !== 'forward-guard')]
}

function distinct(networks: readonly NetworkRecord[]): readonly NetworkRecord[] {
  return [...new Map(networks.map(network => [network.id, network])).values()]
}
