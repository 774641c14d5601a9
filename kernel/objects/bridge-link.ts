/** Veth pairs between two bridges of the host. Twin: `ip link add HOST master FROM type veth peer name PEER`, then `master TO` for the peer. */
import type { BridgeLinkObject } from '../../objects/object.ts'
import type { LinkKind } from './kind.ts'
import { withoutIpv6 } from './port.ts'
import { removeLink } from './removal.ts'

export const bridgeLinkKind: LinkKind<BridgeLinkObject> = {
  async create(link, session) {
    const rtnetlink = session.rtnetlink()
    const found = rtnetlink.findLink(link.host)
    const isNew = found?.kind !== 'veth' || found.alias !== link.alias
    if (isNew) rtnetlink.createBridgeLink(link)
    try {
      if (isNew) for (const end of [link.host, link.peer]) withoutIpv6(end, session)
      rtnetlink.setLink(link.host, { master: rtnetlink.getIndex(link.from) })
      if (hasFlags(link)) rtnetlink.setBridgePort(link.host, { hairpin: link.hairpin === true, isolated: link.isolated === true })
      rtnetlink.setLink(link.host, { up: true })
      rtnetlink.setLink(link.peer, { up: true, master: rtnetlink.getIndex(link.to) })
    } catch (error) {
      if (isNew) await removeLink(rtnetlink, link.host, link.alias)
      throw error
    }
    return isNew
  },

  async remove(link, session) {
    await removeLink(session.rtnetlink(), link.host, link.alias)
  },

  exists({ host, peer, from, to, alias }, session) {
    const rtnetlink = session.rtnetlink()
    const [near, far] = [rtnetlink.findLink(host), rtnetlink.findLink(peer)]
    const isOn = (master: number | undefined, bridge: string): boolean => master !== undefined && master === rtnetlink.findIndex(bridge)
    return near?.alias === alias && near.up && isOn(near.master, from) && far?.up === true && isOn(far.master, to)
  },

  describe(link) {
    const { host, peer, from, to, mtu, alias, isolated, hairpin } = link
    const flags = [hairpin === true ? ' hairpin on' : '', isolated === true ? ' isolated on' : ''].join('')
    const size = mtu === undefined ? '' : ` mtu ${mtu}`
    return [
      `ip link add ${host}${size} type veth peer name ${peer}${size}`,
      `ip link set ${host} alias ${alias}`,
      ...[host, peer].map(name => `sysctl -w net/ipv6/conf/${name}/disable_ipv6=1`),
      ...hasFlags(link) ? [`ip link set ${host} master ${from}`, `bridge link set dev ${host}${flags}`, `ip link set ${host} up`] : [`ip link set ${host} up master ${from}`],
      `ip link set ${peer} up master ${to}`,
    ]
  },
}

function hasFlags({ isolated, hairpin }: BridgeLinkObject): boolean {
  return isolated === true || hairpin === true
}
