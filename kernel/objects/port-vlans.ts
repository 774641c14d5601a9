/** The VLANs of a bridge's port, set before its peer is up, so that no frame passes in another one. Twin: `bridge vlan add|del dev PORT vid … master`. */
import type { PortVlans } from '../../objects/object.ts'
import { isErrno } from '../error.ts'
import type { Session } from '../kernel.ts'

/** Once more changes nothing. @throws kernel-feature-missing */
export function joinVlans(port: string, { untagged, tagged, keepsDefault }: PortVlans, { bridge, session }: { readonly bridge: string, readonly session: Session }): void {
  const rtnetlink = session.rtnetlink()
  const defaultVlan = rtnetlink.bridgeVlans(bridge)?.defaultVlan ?? 0
  // A bridge with 0 puts its ports nowhere.
  if (!keepsDefault && defaultVlan > 0) leaveVlan(() => rtnetlink.deletePortVlan(port, { first: defaultVlan, last: defaultVlan }))
  if (untagged !== undefined) rtnetlink.addPortVlan(port, { first: untagged, last: untagged }, { untagged: true })
  for (const [first, last] of tagged) rtnetlink.addPortVlan(port, { first, last }, { untagged: false })
}

function leaveVlan(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error
  }
}

export function describeVlans(port: string, { untagged, tagged, keepsDefault }: PortVlans): readonly string[] {
  return [
    ...keepsDefault ? [] : [`bridge vlan del dev ${port} vid 1 master`],
    ...untagged === undefined ? [] : [`bridge vlan add dev ${port} vid ${untagged} pvid untagged master`],
    ...tagged.map(([first, last]) => `bridge vlan add dev ${port} vid ${first === last ? first : `${first}-${last}`} master`),
  ]
}
