/**
 * The plugin firewall: what the host's forward rules let through for a container's bridge. One set of rules for a bridge, shared by all
 * containers on it, where the reference plugin has two for each address. Source: containernetworking/plugins, plugins/meta/firewall.
 *
 *     open         established, published ports, members; the rest is left to the host's own rules
 *     same-bridge  the same, the rest is dropped
 *     isolated     as same-bridge, members apart
 */
import type { KernelObject } from '../../objects/object.ts'
import { attachmentId } from '../attachment.ts'
import { createAttachment, removeAttachment } from '../attachments.ts'
import { checkRecord, requirePrevResult } from '../bridge/check.ts'
import { staleAttachments } from '../bridge/plugin.ts'
import { cniCodes, cniError } from '../error.ts'
import { stringOf } from '../fields.ts'
import type { Plugin } from '../plugin.ts'
import { hostLinkOf } from '../portmap/host-link.ts'
import { containerIps } from '../portmap/plugin.ts'
import type { Request } from '../request.ts'
import { type CniIp, familyOfAddress } from '../result.ts'

const plugin = 'firewall'
const policies = ['open', 'same-bridge', 'isolated'] as const
export type IngressPolicy = typeof policies[number]

export const firewallPlugin: Plugin = {
  versions: ['0.4.0', '1.0.0', '1.1.0'],

  async add(request, core) {
    const policy = parseFirewall(request)
    if (request.prevResult === undefined) throw cniError(cniCodes.other, 'missing prevResult from earlier plugin')
    const prev = request.prevResult
    const ips = containerIps(prev, request)
    if (ips.length === 0) return prev
    const { network, containerId, ifname, netns } = request
    const shared = firewallShared(policy, hostLinkOf(core, request, prev), ips)
    const id = attachmentId(request, plugin)
    return createAttachment(core, id, {
      plan: () => ({ record: { id, network, containerId, ifname, plugin, netns, pools: [], hostPorts: [], shared }, objects: [] }),
      finish: () => prev,
    })
  },

  async del(request, core) {
    await removeAttachment(core, attachmentId(request, plugin))
  },

  async check(request, core) {
    parseFirewall(request)
    requirePrevResult(request)
    const record = core.read(tx => tx.attachments.get(attachmentId(request, plugin)))
    if (record === undefined) throw cniError(cniCodes.other, 'the container has no firewall rules')
    await checkRecord(core, record, core.netnsOf(request))
  },

  async gc(request, core, valid) {
    for (const { id } of staleAttachments(core, request.network, plugin, valid)) await removeAttachment(core, id)
  },
}

/** @throws codes 6 and 999 */
export function parseFirewall({ config }: Request): IngressPolicy {
  const backend = stringOf(config, 'backend') ?? ''
  if (!['', 'iptables', 'firewalld', 'nftables'].includes(backend)) throw cniError(cniCodes.other, `unrecognized backend: ${backend.slice(0, 80)}`)
  const wanted = stringOf(config, 'ingressPolicy') ?? ''
  const policy = wanted === '' ? 'open' : policies.find(each => each === wanted)
  if (policy === undefined) throw cniError(cniCodes.other, `unrecognized ingressPolicy: ${wanted.slice(0, 80)}`)
  return policy
}

export function firewallShared(policy: IngressPolicy, bridge: string, ips: readonly CniIp[]): readonly KernelObject[] {
  const families = ([4, 6] as const).filter(family => ips.some(({ address }) => familyOfAddress(address) === family))
  return families.map(family => ({
    kind: 'isolation', family, bridge, filterOnly: true, internal: false, gateways: [], icc: policy !== 'isolated',
    mode: policy === 'open' ? 'nat-unprotected' : 'nat',
    // The rules are about the bridge: the same for all networks on it.
    subnets: [],
  }))
}
