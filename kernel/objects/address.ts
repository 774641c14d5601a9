/** Addresses on links. Twin: `ip addr add CIDR dev LINK`, for IPv6 with `nodad`. */
import type { AddressObject } from '../../objects/object.ts'
import { isErrno } from '../error.ts'
import { canonicalInterfaceAddress } from '../netlink/address.ts'
import { type LinkKind, inside } from './kind.ts'

export const addressKind: LinkKind<AddressObject> = {
  create(address, session) {
    try {
      session.rtnetlink(address.netns).addAddress(address.on, address.cidr)
      return true
    } catch (error) {
      // The kernel finds the address taken also where only its prefix length differs.
      if (isErrno(error, 'EEXIST') && addressKind.exists(address, session)) return false
      throw error
    }
  },

  remove(address, session) {
    const rtnetlink = session.findRtnetlink(address.netns)
    const link = rtnetlink?.findIndex(address.on)
    if (rtnetlink === undefined || link === undefined) return
    try {
      rtnetlink.deleteAddress(link, address.cidr)
    } catch (error) {
      if (!isErrno(error, 'EADDRNOTAVAIL', 'ENODEV')) throw error
    }
  },

  exists(address, session) {
    const rtnetlink = session.findRtnetlink(address.netns)
    const link = rtnetlink?.findIndex(address.on)
    if (rtnetlink === undefined || link === undefined) return false
    const wanted = canonicalInterfaceAddress(address.cidr)
    return rtnetlink.addresses(familyOf(address), link).some(found => found.cidr === wanted)
  },

  describe: address => [
    `${inside(address.netns)}ip addr add ${address.cidr} dev ${address.on}${familyOf(address) === 6 ? ' nodad' : ''}`,
  ],
}

function familyOf(address: AddressObject): 4 | 6 {
  return address.cidr.includes(':') ? 6 : 4
}
