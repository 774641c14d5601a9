/**
 * Who may ask at a place on a bridge: members of its network, by the addresses that they ask from. The host lets in what is for an address of its
 * own by whatever link it comes, so others are left without an answer here: no member of another network learns names by it, none of an internal
 * one gets out, and the world has no open resolver. Pure.
 */
import { type Cidr, containsIp, parseCidr } from '../address/cidr.ts'
import { parseIp } from '../address/ip.ts'

export interface Neighbourhood {
  /** The bridge: the only link whose link-local addresses are members'. */
  readonly link: string
  /** CIDR. */
  readonly subnets: readonly string[]
}

const linkLocal = parseCidr('fe80::/10')

export class Askers {
  readonly #link: string
  readonly #subnets: readonly Cidr[]

  constructor({ link, subnets }: Neighbourhood) {
    this.#link = link
    this.#subnets = subnets.map(parseCidr)
  }

  /** @param from an address; a link-local one with `%LINK` behind it */
  has(from: string): boolean {
    const [address = '', link] = from.split('%')
    const ip = parseIp(address)
    return containsIp(linkLocal, ip) ? link === this.#link : this.#subnets.some(subnet => containsIp(subnet, ip))
  }
}
