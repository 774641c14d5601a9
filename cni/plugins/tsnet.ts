/**
 * The plugin tsnet: what the chain bridge, IPAM, portmap, bandwidth and, with `ingressPolicy`, firewall does, from one configuration with the fields of all of them, in one process,
 * one record, one run of the executor.
 */
import { readBridgeNetfilter } from '../../kernel/facts.ts'
import { attachmentId } from '../attachment.ts'
import { bandwidthObjects, parseBandwidth } from '../bandwidth/config.ts'
import { checkBridge, requirePrevResult } from '../bridge/check.ts'
import { gatewayLink, parseBridge } from '../bridge/config.ts'
import { type AttachOptions, attachToBridge, bridgeStatus, detachFromBridge, gcBridge } from '../bridge/plugin.ts'
import type { CniCore } from '../core.ts'
import { booleanOf, objectOf, valueOf } from '../fields.ts'
import { type IngressPolicy, firewallShared, parseFirewall } from '../firewall/plugin.ts'
import { openIpam } from '../ipam/delegate.ts'
import type { Plugin } from '../plugin.ts'
import { type PortmapConfig, isFor, parsePortmap } from '../portmap/config.ts'
import { checkPublished } from '../portmap/check.ts'
import { publishedElsewhere, publishedIn, withoutPublished } from '../portmap/elsewhere.ts'
import { containerIps, portmapStatus } from '../portmap/plugin.ts'
import { portObjects } from '../portmap/objects.ts'
import { bindPorts, refuseTaken } from '../portmap/reserve.ts'
import { ofContainer, referencePorts, refuseReference } from '../reference/leftovers.ts'
import type { Request } from '../request.ts'
import { type CniResult, familyOfAddress } from '../result.ts'

const plugin = 'tsnet'

const optionsOf = (request: Request): AttachOptions => ({ plugin, ipam: openIpam(request, { builtin: true }) })

export const tsnetPlugin: Plugin = {
  add: attach,
  del: (request, core) => detachFromBridge(request, core, optionsOf(request)),
  async check(request, core) {
    const { ipam } = optionsOf(request)
    await ipam?.check(core)
    checkFields(request)
    await checkBridge(core, request, { config: parseBridge(request), plugin })
    const id = attachmentId(request, plugin)
    const ports = parsePortmap(request)
    const published = core.read(tx => [...publishedIn(tx.attachments.get(id)?.objects ?? []), ...publishedElsewhere(tx, { id, containerId: request.containerId })])
    const theirs = ports.mappings.length === 0 ? [] : await referencePorts(core, request)
    checkPublished(ports, containerIps(requirePrevResult(request), request), [...published, ...ofContainer(theirs, request)])
  },
  async status(request, core) {
    checkFields(request)
    if (publishes(request)) await portmapStatus(parsePortmap(request), core)
    await bridgeStatus(request, core, optionsOf(request))
  },
  gc: (request, core, valid) => gcBridge(request, core, valid, optionsOf(request)),
}

function checkFields(request: Request): void {
  parsePortmap(request)
  parseBandwidth(request)
  policyOf(request)
}

/** Whether the orchestrator is to tell of ports. */
function publishes({ config }: Request): boolean {
  return booleanOf(objectOf(config, 'capabilities') ?? {}, 'portMappings') ?? false
}

/** Forward rules are made where they are asked for: other programs of the node may be in charge of them. */
function policyOf(request: Request): IngressPolicy | undefined {
  return valueOf(request.config, 'ingressPolicy') === undefined ? undefined : parseFirewall(request)
}

/** Where bridged packets go through iptables, a container reaches its own published port only by a reflected frame. */
function reflects({ mappings }: PortmapConfig): boolean {
  const { v4, v6 } = readBridgeNetfilter()
  return mappings.length > 0 && (v4 || v6)
}

async function attach(request: Request, core: CniCore): Promise<CniResult> {
  const ports = parsePortmap(request)
  const bandwidth = parseBandwidth(request)
  const policy = policyOf(request)
  const id = attachmentId(request, plugin)
  const theirs = ports.mappings.length === 0 ? [] : await referencePorts(core, request)
  let descriptors: readonly number[] = []
  try {
    const result = await attachToBridge(request, core, {
      ...optionsOf(request), reflects: reflects(ports),
      extend(tx, { config, ips, hostName, netns }) {
        const families = ([4, 6] as const).filter(family => ips.some(({ address }) => familyOfAddress(address) === family))
        const mappings = ports.mappings.filter(mapping => families.some(family => isFor(mapping, family)))
        const wanted = portObjects({ ...ports, mappings }, { link: gatewayLink(config), ips })
        const made = withoutPublished(wanted, [...publishedElsewhere(tx, { id, containerId: request.containerId }), ...ofContainer(theirs, request)])
        refuseReference(theirs, made.hostPorts, request)
        refuseTaken(tx, made.hostPorts, id)
        descriptors = bindPorts(core, publishedIn(made.objects), request.containerId)
        return {
          ...made, objects: [...bandwidthObjects(bandwidth, hostName, { ifname: request.ifname, netns }), ...made.objects],
          shared: [...made.shared, ...policy === undefined ? [] : firewallShared(policy, gatewayLink(config), ips)],
        }
      },
    })
    core.keepPorts(id, descriptors)
    return result
  } catch (error) {
    core.ports.release(descriptors)
    throw error
  }
}

