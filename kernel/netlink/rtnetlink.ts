/**
 * One namespace's links, addresses and routes: what `ip` does, on a socket held open, each call synchronous.
 *
 * Whatever changes the kernel is announced to the observer first; reading is not.
 */
import type { KernelObserver } from '../../objects/family.ts'
import type { BridgeLinkObject, BridgeObject, VethObject } from '../../objects/object.ts'
import { TsnetError } from '../../errors/error.ts'
import { sendDetached } from '../deferred-send.ts'
import { isErrno, kernelError } from '../error.ts'
import { trySyscall } from '../syscall.ts'
import { close, openFile } from '../syscalls/descriptor.ts'
import { type LinkAddress, decodeAddress, deleteAddress, dumpAddresses, newAddress } from './address.ts'
import { type VlanRange, addPortVlan, decodeBridgeVlans, deletePortVlan, setVlanFiltering } from './bridge-vlan.ts'
import { stickyEntry } from './forwarding-entry.ts'
import {
  type BridgePort, type Link, type LinkChange, type LinkDetails, decodeLink, decodeLinkDetails, deleteLink, dumpLinks, dumpLinksWithStatistics, getLink, newBridge, newVeth, newVethHere, setBridgePort, setLink, setVeth,
} from './link.ts'
import { type Message, NLM_F_ACK } from './message.ts'
import { NETLINK_ROUTE } from './native-socket.ts'
import { type RootQdisc, type TokenBucket, decodeQdisc, deleteRootQdisc, getRootQdisc, setTokenBucket } from './qdisc.ts'
import { type Route, type RouteSpec, decodeRoute, deleteRoute, dumpRoutes, newRoute } from './route.ts'
import { type NetlinkRequest, NetlinkSocket } from './socket.ts'

export class Rtnetlink {
  readonly #socket: NetlinkSocket
  readonly #observe: KernelObserver

  /** Opens a socket in the namespace at `netns` (absent: the present one). @throws kernel-error where there is none */
  constructor(observe: KernelObserver, netns?: string) {
    this.#observe = observe
    this.#socket = NetlinkSocket.open(NETLINK_ROUTE, netns === undefined ? {} : { netns })
  }

  links(): readonly Link[] {
    return this.#socket.dump(dumpLinks()).map(decodeLink)
  }

  /** All links with their counters. */
  linksWithStatistics(): readonly Link[] {
    return this.#socket.dump(dumpLinksWithStatistics()).map(decodeLink)
  }

  findLink(name: string): Link | undefined {
    const message = this.#findLinkMessage(name)
    return message === undefined ? undefined : decodeLink(message)
  }

  findLinkDetails(name: string): LinkDetails | undefined {
    const message = this.#findLinkMessage(name)
    return message === undefined ? undefined : decodeLinkDetails(message)
  }

  /** A link's index by ioctl(2), which takes no lock: so it answers at once also while the kernel deletes a link. */
  findIndex(name: string): number | undefined {
    const request = Buffer.alloc(SIZEOF_IFREQ)
    request.write(name, 0, IFNAMSIZ - 1)
    const result = trySyscall('ioctl', this.#socket.fd, SIOCGIFINDEX, request)
    if (result === -ENODEV) return undefined
    if (result < 0) throw kernelError('SIOCGIFINDEX', -result, { detail: name })
    return request.readInt32LE(IFNAMSIZ)
  }

  /** A link's name by its index, likewise. */
  findName(index: number): string | undefined {
    const request = Buffer.alloc(SIZEOF_IFREQ)
    request.writeInt32LE(index, IFNAMSIZ)
    const result = trySyscall('ioctl', this.#socket.fd, SIOCGIFNAME, request)
    if (result === -ENODEV) return undefined
    if (result < 0) throw kernelError('SIOCGIFNAME', -result, { detail: String(index) })
    return request.toString('utf8', 0, request.indexOf(0))
  }

  /** @throws kernel-error ENODEV */
  getIndex(name: string): number {
    const index = this.findIndex(name)
    if (index === undefined) throw kernelError('SIOCGIFINDEX', ENODEV, { detail: name })
    return index
  }

  /** A bridge, down, with its alias: one send, so that nothing comes in between. @throws link-exists, kernel-feature-missing */
  createBridge(bridge: BridgeObject): void {
    const create = (): void => this.#createLink(bridge.name, [newBridge(bridge), setLink(bridge.name, { alias: bridge.alias })])
    if (bridge.vlanFiltering === true) withVlans(bridge.name, create)
    else create()
  }

  /** Whether a bridge filters VLANs, and the one that its ports begin in; undefined where there is no such bridge. */
  bridgeVlans(name: string): { readonly filtering: boolean, readonly defaultVlan: number } | undefined {
    const message = this.#findLinkMessage(name)
    return message === undefined ? undefined : decodeBridgeVlans(message)
  }

  /** @throws kernel-feature-missing */
  setVlanFiltering(bridge: string, on: boolean): void {
    withVlans(bridge, () => this.#change(setVlanFiltering(bridge, this.getIndex(bridge), on)))
  }

  /** Puts a port of a bridge that filters them into VLANs; it stays in those it is in. @throws kernel-feature-missing */
  addPortVlan(port: string, range: VlanRange, options: { readonly untagged: boolean }): void {
    withVlans(port, () => this.#change(addPortVlan(port, this.getIndex(port), range, options)))
  }

  /** Takes a port out of a VLAN. @throws kernel-error ENOENT where it is not in it */
  deletePortVlan(port: string, range: VlanRange): void {
    withVlans(port, () => this.#change(deletePortVlan(port, this.getIndex(port), range)))
  }

  /** With its alias and the flags of its port. Twin: `ip link add HOST master MASTER type veth peer name PEER netns NETNS`. @throws link-exists, bridge-full */
  createVeth(veth: VethObject): void {
    const master = veth.master === undefined ? undefined : this.getIndex(veth.master)
    const netns = veth.netns === undefined ? undefined : openFile(veth.netns)
    try {
      this.#createLink(veth.host, [newVeth(veth, netns, master), setVeth(veth)])
    } finally {
      if (netns !== undefined) close(netns)
    }
  }

  /** Both ends here, down, each under its name. Twin: `ip link add HOST type veth peer name PEER`. @throws link-exists */
  createBridgeLink(link: BridgeLinkObject): void {
    this.#createLink(link.host, [newVethHere(link), setLink(link.host, { alias: link.alias })])
  }

  /** Twin: `ip link set NAME …`. */
  setLink(name: string, change: LinkChange): void {
    this.#change(setLink(name, change))
  }

  setBridgePort(name: string, port: BridgePort): void {
    this.#change(setBridgePort(name, this.getIndex(name), port))
  }

  /** The bridge of a port knows that MAC there, and nowhere else, as long as it is a port of it. */
  stickMac(port: string, mac: string): void {
    this.#change(stickyEntry(port, this.getIndex(port), mac))
  }

  /** Deletes a link, waiting until the kernel has cleaned up behind it (14 to 50 ms). Twin: `ip link del NAME`. */
  deleteLink(index: number, name: string): void {
    this.#change(deleteLink(index, name))
  }

  /** Has a helper process delete a link, which is gone when `findIndex` no longer finds it. False where there is no helper to be had. */
  deleteLinkDetached(index: number, name: string): boolean {
    this.#observe(`RTM_DELLINK ${name}`)
    return sendDetached(this.#socket.fd, this.#socket.encode(deleteLink(index, name)))
  }

  /** Addresses of a link in one family. */
  addresses(family: 4 | 6, link: number): readonly LinkAddress[] {
    return this.#socket.dump(dumpAddresses(family, link)).map(decodeAddress)
  }

  addAddress(link: string, cidr: string): void {
    this.#change(newAddress(this.getIndex(link), cidr))
  }

  deleteAddress(link: number, cidr: string): void {
    this.#change(deleteAddress(link, cidr))
  }

  /** Routes of a family, of one table or all; none where the kernel has no such table yet. */
  routes(family: 4 | 6, table?: number): readonly Route[] {
    try {
      return this.#socket.dump(dumpRoutes(family, table)).map(decodeRoute)
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'EAFNOSUPPORT')) return []
      throw error
    }
  }

  addRoute(route: RouteSpec): void {
    this.#change(newRoute(route))
  }

  deleteRoute(route: RouteSpec): void {
    this.#change(deleteRoute(route))
  }

  /** Twin: `tc qdisc replace dev NAME root tbf …`. */
  setTokenBucket(name: string, bucket: TokenBucket): void {
    this.#change(setTokenBucket(this.getIndex(name), name, bucket))
  }

  /** By index, so that a link which has taken the name meanwhile is not hit. Twin: `tc qdisc del dev NAME root`. */
  deleteRootQdisc(link: number, name: string): void {
    this.#change(deleteRootQdisc(link, name))
  }

  /** What a link's packets leave by; undefined where the link is gone. */
  rootQdisc(link: number, name: string): RootQdisc | undefined {
    try {
      const [message] = this.#socket.request(getRootQdisc(link, name))
      return message === undefined ? undefined : decodeQdisc(message)
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENODEV')) return undefined
      throw error
    }
  }

  close(): void {
    this.#socket.close()
  }

  #findLinkMessage(name: string): Message | undefined {
    try {
      return this.#socket.request(getLink(name))[0]
    } catch (error) {
      if (isErrno(error, 'ENODEV')) return undefined
      throw error
    }
  }

  #change(request: NetlinkRequest): void {
    this.#observe(`${request.name} ${request.detail ?? ''}`.trim())
    this.#socket.request(request)
  }

  /**
   * rtnetlink does not take an alias at creation and goes on after a failure, hence: not where the name is taken, one send for both, and
   * the link away again where only the second failed.
   */
  #createLink(name: string, requests: readonly NetlinkRequest[]): void {
    if (this.findIndex(name) !== undefined) throw linkExists(name)
    this.#observe(`RTM_NEWLINK ${name}`)
    const { failures } = this.#socket.batch(requests.map(request => ({ ...request, flags: (request.flags ?? 0) | NLM_F_ACK })))
    const [failure] = failures
    if (failure === undefined) return
    if (failure.index > 0) {
      const index = this.findIndex(name)
      if (index !== undefined) this.#socket.request(deleteLink(index, name))
    }
    if (isErrno(failure.error, 'EEXIST')) throw linkExists(name)
    if (isErrno(failure.error, 'EXFULL')) {
      throw new TsnetError('bridge-full', `create link "${name}": its bridge has no free port`, { cause: failure.error })
    }
    throw failure.error
  }
}

/** A kernel without VLANs of bridges refuses what it is asked to do with them. */
function withVlans(link: string, act: () => void): void {
  try {
    act()
  } catch (cause) {
    if (!isErrno(cause, 'EOPNOTSUPP')) throw cause
    throw new TsnetError('kernel-feature-missing', `set VLANs of "${link}": this kernel has no VLANs of bridges (CONFIG_BRIDGE_VLAN_FILTERING)`, { cause })
  }
}

function linkExists(name: string): TsnetError {
  return new TsnetError('link-exists', `create link "${name}": an interface of that name exists and is not ours`, { data: { link: name } })
}

const SIOCGIFINDEX = 0x8933
const SIOCGIFNAME = 0x8910
const SIZEOF_IFREQ = 40
const IFNAMSIZ = 16
const ENODEV = 19
