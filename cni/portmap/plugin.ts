/** The plugin portmap: host ports that lead to a container of the plugin before it in the chain. */
import { syntaxOf } from '../../nat/objects/conditions.ts'
import { attachmentId, newRecord } from '../attachment.ts'
import { createAttachment, removeAttachment } from '../attachments.ts'
import { chained } from '../chained.ts'
import type { CniCore } from '../core.ts'
import { cniCodes, cniError } from '../error.ts'
import { ofContainer, referencePorts, refuseReference } from '../reference/leftovers.ts'
import type { Request } from '../request.ts'
import { type CniResult, familyOfAddress } from '../result.ts'
import { checkPublished } from './check.ts'
import { publishedElsewhere, publishedIn, withoutPublished } from './elsewhere.ts'
import { hostLinkOf } from './host-link.ts'
import { type PortmapConfig, isFor, parsePortmap } from './config.ts'
import { portObjects } from './objects.ts'
import { bindPorts, refuseTaken } from './reserve.ts'

export const portmapPlugin = chained({
  name: 'portmap',
  alone: 'must be called as chained plugin',
  parse: parsePortmap,

  async add(config, { request, core, prev }) {
    const ips = containerIps(prev, request)
    if (config.mappings.length === 0 || ips.length === 0) return prev
    const families = ([4, 6] as const).filter(family => ips.some(({ address }) => familyOfAddress(address) === family))
    const mappings = config.mappings.filter(mapping => families.some(family => isFor(mapping, family)))
    const wanted = portObjects({ ...config, mappings }, { link: hostLinkOf(core, request, prev), ips })
    const base = newRecord(request, 'portmap')
    const { id } = base
    await removeAttachment(core, id)
    const theirs = await referencePorts(core, request)
    const made = core.read(tx => withoutPublished(wanted, [...publishedElsewhere(tx, { id, containerId: request.containerId }), ...ofContainer(theirs, request)]))
    if (made.objects.length === 0) return prev
    refuseReference(theirs, made.hostPorts, request)
    const record = { ...base, ...made }
    core.read(tx => refuseTaken(tx, made.hostPorts, id))
    const descriptors = bindPorts(core, publishedIn(made.objects), request.containerId)
    try {
      const result = await createAttachment(core, id, {
        plan(tx) {
          refuseTaken(tx, made.hostPorts, id)
          return { record, objects: made.objects }
        },
        finish: () => prev,
      })
      core.keepPorts(id, descriptors)
      return result
    } catch (error) {
      core.ports.release(descriptors)
      throw error
    }
  },

  async check(config, { request, core, prev, record }) {
    const elsewhere = core.read(tx => publishedElsewhere(tx, { id: attachmentId(request, 'portmap'), containerId: request.containerId }))
    checkPublished(config, containerIps(prev, request), [...publishedIn(record?.objects ?? []), ...elsewhere, ...ofContainer(await referencePorts(core, request), request)])
  },

  status: portmapStatus,
})

/** Throws where the host's firewall does not understand the configuration's words. */
export async function portmapStatus({ conditions, mark }: PortmapConfig, core: CniCore): Promise<void> {
  const backend = await core.firewallBackend()
  const words = Object.values(conditions).find(each => each.length > 0 && syntaxOf(each) !== backend)
  if (words !== undefined) throw cniError(cniCodes.other, `the conditions "${words.join(' ').slice(0, 80)}" are in the words of ${syntaxOf(words)}, and the firewall of this host is ${backend}`)
  if (backend === 'nftables' && mark !== undefined && 'chain' in mark) throw cniError(cniCodes.other, `the chain ${mark.chain} is one of iptables, and the firewall of this host is nftables`)
}

/** The addresses of the interface, in the order of the result; of all interfaces with a sandbox, where the result does not say. */
export function containerIps(prev: CniResult, { ifname }: Request) {
  return prev.ips.filter(({ interface: index }) => {
    if (index === undefined || index < 0) return true
    const link = prev.interfaces[index]
    return link?.sandbox !== undefined && link.name === ifname
  })
}

export function isPublishing(core: CniCore, request: Request): boolean {
  return core.read(tx => tx.attachments.get(attachmentId(request, 'portmap'))) !== undefined
}
