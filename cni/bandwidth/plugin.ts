/** The plugin bandwidth: limits of what a container receives and sends, on the two ends of its link. */
import { newRecord } from '../attachment.ts'
import { createAttachment } from '../attachments.ts'
import { chained } from '../chained.ts'
import { cniCodes, cniError } from '../error.ts'
import { requireNetns } from '../netns.ts'
import { hostEndOf } from '../portmap/host-link.ts'
import { isShapedByReference } from '../reference/leftovers.ts'
import { bandwidthObjects, parseBandwidth } from './config.ts'

export const bandwidthPlugin = chained({
  name: 'bandwidth',
  alone: 'must be called as chained plugin',
  parse: parseBandwidth,

  async add(config, { request, core, prev }) {
    if (config.ingress === undefined && config.egress === undefined) return prev
    const path = requireNetns(core, request)
    const record = newRecord(request, 'bandwidth')
    const objects = bandwidthObjects(config, hostEndOf(core, request), { ifname: request.ifname, netns: path })
    return createAttachment(core, record.id, { plan: () => ({ record, objects }), finish: () => prev })
  },

  async check({ ingress, egress }, { request, core, record }) {
    if (record !== undefined || (ingress ?? egress) === undefined) return
    const received = ingress === undefined ? [] : bandwidthObjects({ ingress }, hostEndOf(core, request), { ifname: request.ifname, netns: '' })
    const isThere = (await core.executor.missing(received)).length === 0 && (egress === undefined || isShapedByReference(core, request))
    if (!isThere) throw cniError(cniCodes.other, 'the container has no limit of its bandwidth')
  },
})
