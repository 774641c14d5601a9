/** The plugin portmap: host ports that lead to a container of the plugin before it in the chain. */
import { attachmentId } from '../attachment.ts'
import { createAttachment, removeAttachment } from '../attachments.ts'
import { checkRecord, requirePrevResult } from '../bridge/check.ts'
import { staleAttachments } from '../bridge/plugin.ts'
import type { CniCore } from '../core.ts'
import { cniCodes, cniError } from '../error.ts'
import type { Plugin } from '../plugin.ts'
import type { Request } from '../request.ts'
import { type CniResult, familyOfAddress } from '../result.ts'
import { hostLinkOf } from './host-link.ts'
import { isFor, parsePortmap } from './config.ts'
import { type PortTarget, portObjects } from './objects.ts'
import { bindPorts, refuseTaken } from './reserve.ts'

const plugin = 'portmap'

export const portmapPlugin: Plugin = {
  async add(request, core) {
    const config = parsePortmap(request)
    if (request.prevResult === undefined) throw cniError(cniCodes.other, 'must be called as chained plugin')
    const prev = request.prevResult
    const ips = containerIps(prev, request)
    if (config.mappings.length === 0 || ips.length === 0) return prev
    const families = ([4, 6] as const).filter(family => ips.some(({ address }) => familyOfAddress(address) === family))
    const mappings = config.mappings.filter(mapping => families.some(family => isFor(mapping, family)))
    const target: PortTarget = { link: hostLinkOf(core, request, prev), ips }
    const id = attachmentId(request, plugin)
    const made = portObjects({ ...config, mappings }, target)
    await removeAttachment(core, id)
    core.read(tx => refuseTaken(tx, made.hostPorts, id))
    const descriptors = bindPorts(core, mappings, families)
    try {
      const { network, containerId, ifname, netns } = request
      const result = await createAttachment(core, id, {
        plan(tx) {
          refuseTaken(tx, made.hostPorts, id)
          return { record: { id, network, containerId, ifname, plugin, netns, pools: [], ...made }, objects: made.objects }
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

  async del(request, core) {
    await removeAttachment(core, attachmentId(request, plugin))
  },

  async check(request, core) {
    parsePortmap(request)
    requirePrevResult(request)
    const record = core.read(tx => tx.attachments.get(attachmentId(request, plugin)))
    if (record !== undefined) await checkRecord(core, record, core.netnsOf(request))
  },

  async gc(request, core, valid) {
    for (const { id } of staleAttachments(core, request.network, plugin, valid)) await removeAttachment(core, id)
  },
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
  return core.read(tx => tx.attachments.get(attachmentId(request, plugin))) !== undefined
}
