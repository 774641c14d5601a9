/**
 * Veth pairs: the host's end up and in its bridge, the other end inside the container's namespace, up, with its final name.
 *
 * One send makes both ends (0.5 ms); the peer is brought up from inside. A pair of ours that exists is put right: its master,
 * port flags and state are set again, so that creating is also repairing. Twin: `ip link add HOST type veth peer name PEER netns NETNS`.
 */
import type { VethObject } from '../../objects/object.ts'
import type { Session } from '../kernel.ts'
import { type LinkKind, inside } from './kind.ts'
import { needsPortFlags, portOf } from '../netlink/link.ts'
import { describeVlans, joinVlans } from './port-vlans.ts'
import { withoutIpv6 } from './port.ts'
import { removeLink } from './removal.ts'

export const vethKind: LinkKind<VethObject> = {
  async create(veth, session) {
    const isNew = !isOurs(veth, session)
    if (isNew) session.rtnetlink().createVeth(veth)
    try {
      if (isNew && veth.master !== undefined) withoutIpv6(veth.host, session)
      if (!isNew) session.rtnetlink().setLink(veth.host, { up: true, ...masterOf(veth, session) })
      if (!isNew && needsPortFlags(veth)) session.rtnetlink().setBridgePort(veth.host, portOf(veth))
      if (veth.sticky === true && veth.master !== undefined) session.rtnetlink().stickMac(veth.host, veth.mac)
      if (veth.vlans !== undefined && veth.master !== undefined) joinVlans(veth.host, veth.vlans, { bridge: veth.master, session })
      if (veth.netns !== undefined && veth.peerDown !== true) session.rtnetlink(veth.netns).setLink(veth.peer, { up: true })
    } catch (error) {
      if (isNew) await removeLink(session.rtnetlink(), veth.host, veth.alias)
      throw error
    }
    return isNew
  },

  async remove(veth, session) {
    await removeLink(session.rtnetlink(), veth.host, veth.alias)
  },

  exists(veth, session) {
    const rtnetlink = session.rtnetlink()
    const link = rtnetlink.findLink(veth.host)
    if (link?.alias !== veth.alias || !link.up) return false
    if (veth.master !== undefined && link.master !== rtnetlink.findIndex(veth.master)) return false
    if (veth.netns === undefined) return true
    const peer = session.findRtnetlink(veth.netns)?.findLink(veth.peer)
    return peer !== undefined && (peer.up || veth.peerDown === true)
  },

  describe(veth) {
    const { host, peer, netns, mac, master, mtu, alias } = veth
    const size = mtu === undefined ? '' : ` mtu ${mtu}`
    const bridge = master === undefined ? '' : ` master ${master}`
    const port = [veth.hairpin ? ' hairpin on' : '', veth.isolated === true ? ' isolated on' : ''].join('')
    return [
      `ip link add ${host}${size} up${bridge} type veth peer name ${peer} address ${mac}${size}${netns === undefined ? '' : ` netns ${netns}`}`,
      `ip link set ${host} alias ${alias}`,
      ...master === undefined ? [] : [`sysctl -w net/ipv6/conf/${host}/disable_ipv6=1`],
      ...needsPortFlags(veth) ? [`bridge link set dev ${host}${port}`] : [],
      ...veth.sticky === true ? [`bridge fdb replace ${mac} dev ${host} master static sticky`] : [],
      ...veth.vlans === undefined ? [] : describeVlans(host, veth.vlans),
      ...netns === undefined || veth.peerDown === true ? [] : [`${inside(netns)}ip link set ${peer} up`],
    ]
  },
}

/** The index is asked for first, as that waits for no lock, and a name that is new has none. */
function isOurs(veth: VethObject, session: Session): boolean {
  if (session.rtnetlink().findIndex(veth.host) === undefined) return false
  const link = session.rtnetlink().findLink(veth.host)
  return link?.kind === 'veth' && link.alias === veth.alias
}

function masterOf(veth: VethObject, session: Session): { readonly master?: number } {
  return veth.master === undefined ? {} : { master: session.rtnetlink().getIndex(veth.master) }
}

