/** What a container in VLANs of a bridge stands on besides: a bridge that tells them apart, and a gateway in its own one. */
import { randomHex } from '../../kernel/random.ts'
import { sharedAlias } from '../attachment.ts'
import type { CniCore } from '../core.ts'
import { cniCodes, cniError } from '../error.ts'
import { gatewayLink } from './config.ts'
import { type BridgePlan, vlanGatewayObjects } from './objects.ts'

const nothing = (): Promise<void> => Promise.resolve()

/**
 * A bridge that was made without VLANs begins to tell them apart: all its ports are in VLAN 1 then, and reach each other as before. The reference
 * plugin leaves it as it is, so that VLANs set on its ports mean nothing. @throws kernel-feature-missing
 */
export async function ensureVlanFiltering(core: CniCore, plan: BridgePlan): Promise<() => Promise<void>> {
  const { bridge } = plan.config
  using _lock = await core.lockShared()
  if (core.kernel.rtnetlink().bridgeVlans(bridge)?.filtering === true) return nothing
  core.kernel.rtnetlink().setVlanFiltering(bridge, true)
  return async () => {
    using _again = await core.lockShared()
    if (!isInUse(core, plan)) core.kernel.rtnetlink().setVlanFiltering(bridge, false)
  }
}

/** @throws code 999 where the name is another link's, link-exists, kernel-feature-missing */
export async function ensureVlanGateway(core: CniCore, plan: BridgePlan): Promise<() => Promise<void>> {
  const { config } = plan
  const name = gatewayLink(config)
  using _lock = await core.lockShared()
  const found = core.kernel.rtnetlink().findLink(name)
  if (found !== undefined && found.kind !== 'veth') throw cniError(cniCodes.other, `failed to create vlan gateway "${name}": it already exists but is not a veth`)
  if (found !== undefined) return nothing
  const objects = vlanGatewayObjects(config, { alias: sharedAlias, random: [randomHex(4), randomHex(4)] })
  await core.executor.create(objects)
  return async () => {
    using _again = await core.lockShared()
    if (!isInUse(core, plan, config.vlan)) await core.executor.remove(objects)
  }
}

/** Whether another container is, or is about to be, in a VLAN of the bridge; in this one, where one is named. */
function isInUse(core: CniCore, { config, hostName }: BridgePlan, vlan?: number): boolean {
  return core.read(tx => tx.attachments.list()).some(({ objects }) => objects.some(object =>
    object.kind === 'veth' && object.host !== hostName && object.master === config.bridge && object.vlans !== undefined
      && (vlan === undefined || object.vlans.untagged === vlan)))
}
