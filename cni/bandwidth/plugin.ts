/** The plugin bandwidth: limits of what a container receives and sends, on the two ends of its link. */
import { attachmentId } from '../attachment.ts'
import { createAttachment, removeAttachment } from '../attachments.ts'
import { checkRecord, requirePrevResult } from '../bridge/check.ts'
import { staleAttachments } from '../bridge/plugin.ts'
import { cniCodes, cniError } from '../error.ts'
import { requireNetns } from '../netns.ts'
import type { Plugin } from '../plugin.ts'
import { hostEndOf } from '../portmap/host-link.ts'
import { bandwidthObjects, parseBandwidth } from './config.ts'

const plugin = 'bandwidth'

export const bandwidthPlugin: Plugin = {
  async add(request, core) {
    const config = parseBandwidth(request)
    if (request.prevResult === undefined) throw cniError(cniCodes.other, 'must be called as chained plugin')
    const prev = request.prevResult
    if (config.ingress === undefined && config.egress === undefined) return prev
    const path = requireNetns(core, request)
    const { network, containerId, ifname, netns } = request
    const objects = bandwidthObjects(config, hostEndOf(core, request), { ifname, netns: path })
    const id = attachmentId(request, plugin)
    return createAttachment(core, id, {
      plan: () => ({ record: { id, network, containerId, ifname, plugin, netns, pools: [], hostPorts: [], shared: [] }, objects }),
      finish: () => prev,
    })
  },

  async del(request, core) {
    await removeAttachment(core, attachmentId(request, plugin))
  },

  async check(request, core) {
    parseBandwidth(request)
    requirePrevResult(request)
    const record = core.read(tx => tx.attachments.get(attachmentId(request, plugin)))
    if (record !== undefined) await checkRecord(core, record, core.netnsOf(request))
  },

  async gc(request, core, valid) {
    for (const { id } of staleAttachments(core, request.network, plugin, valid)) await removeAttachment(core, id)
  },
}
