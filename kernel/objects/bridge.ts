/** Linux bridges, created down and marked as ours by their alias. Twin: `ip link add NAME type bridge`. */
import type { BridgeObject } from '../../objects/object.ts'
import type { LinkKind } from './kind.ts'
import { removeLink } from './removal.ts'

export const bridgeKind: LinkKind<BridgeObject> = {
  create(bridge, session) {
    if (bridgeKind.exists(bridge, session)) return false
    session.rtnetlink().createBridge(bridge)
    return true
  },

  async remove(bridge, session) {
    await removeLink(session.rtnetlink(), bridge.name, bridge.alias)
  },

  exists(bridge, session) {
    const link = session.rtnetlink().findLink(bridge.name)
    return link?.kind === 'bridge' && link.alias === bridge.alias
  },

  describe: ({ name, mtu, mac, alias, vlanFiltering }) => [
    ['ip link add', name, ...mtu === undefined ? [] : [`mtu ${mtu}`], ...mac === undefined ? [] : [`address ${mac}`], 'type bridge',
      ...vlanFiltering === true ? ['vlan_filtering 1'] : []].join(' '),
    `ip link set ${name} alias ${alias}`,
  ],
}
