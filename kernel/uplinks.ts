/** The links that the host's default routes go by, with their addresses (link-local ones aside), next hops and counters. */
import type { Kernel } from './kernel.ts'
import type { LinkStatistics } from './netlink/link.ts'
import { RT_TABLE_MAIN } from './netlink/route.ts'

export interface LinkState {
  readonly name: string
  readonly up: boolean
  readonly mtu: number
  readonly mac?: string
  readonly statistics?: LinkStatistics
}

export interface Uplink extends LinkState { readonly addresses: readonly string[], readonly gateways: readonly string[] }

/** All links of the namespace this process runs in, and those of them that lead out, best route first. */
export function readLinks(kernel: Kernel): { readonly links: readonly LinkState[], readonly uplinks: readonly Uplink[] } {
  const rtnetlink = kernel.rtnetlink()
  const links = rtnetlink.linksWithStatistics()
  const families = [4, 6] as const
  const defaults = families.flatMap(family => rtnetlink.routes(family, RT_TABLE_MAIN)).filter(({ to, link }) => to === 'default' && link !== undefined)
    .toSorted((a, b) => a.family - b.family || (a.metric ?? 0) - (b.metric ?? 0))
  const uplinks = [...Map.groupBy(defaults, ({ link }) => link)].flatMap(([index = 0, routes]) => {
    const link = links.find(one => one.index === index)
    if (link === undefined) return []
    const addresses = families.flatMap(family => rtnetlink.addresses(family, index))
      .filter(address => address.link === index && !address.cidr.startsWith('fe80:')).map(({ cidr }) => cidr)
    return [{ ...link, addresses, gateways: [...new Set(routes.flatMap(({ via }) => via ?? []))] }]
  })
  return { links, uplinks }
}
