/**
 * The plugin firewall: what the host's forward rules let through for a container's bridge. One set of rules for a bridge, shared by all
 * containers on it, where the reference plugin has two for each address. Source: containernetworking/plugins, plugins/meta/firewall.
 *
 *     open         established, published ports, members; the rest is left to the host's own rules
 *     same-bridge  the same, the rest is dropped
 *     isolated     as same-bridge, members apart
 */
import type { KernelObject } from '../../objects/object.ts'
import { newRecord } from '../attachment.ts'
import { createAttachment } from '../attachments.ts'
import { chained } from '../chained.ts'
import { cniCodes, cniError } from '../error.ts'
import { stringOf } from '../fields.ts'
import { hostLinkOf } from '../portmap/host-link.ts'
import { containerIps } from '../portmap/plugin.ts'
import { isForwardedByReference } from '../reference/leftovers.ts'
import type { Request } from '../request.ts'
import { type CniIp, familyOfAddress } from '../result.ts'

const policies = ['open', 'same-bridge', 'isolated'] as const
export type IngressPolicy = typeof policies[number]

export const firewallPlugin = chained({
  name: 'firewall',
  versions: ['0.4.0', '1.0.0', '1.1.0'],
  alone: 'missing prevResult from earlier plugin',
  parse: parseFirewall,

  async add(policy, { request, core, prev }) {
    const ips = containerIps(prev, request)
    if (ips.length === 0) return prev
    const record = { ...newRecord(request, 'firewall'), shared: firewallShared(policy, hostLinkOf(core, request, prev), ips) }
    return createAttachment(core, record.id, { plan: () => ({ record, objects: [] }), finish: () => prev })
  },

  async check(_policy, { request, core, prev, record }) {
    if (record !== undefined || containerIps(prev, request).length === 0 || await isForwardedByReference(core, request)) return
    throw cniError(cniCodes.other, 'the container has no firewall rules')
  },

  async status(_policy, core) {
    await core.firewallBackend()
  },
})

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
