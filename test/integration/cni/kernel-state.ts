/** What the kernel has of a container on a bridge, without what differs from one ADD to the next: read with ip and bridge. */
import { Namespace } from '../../helpers/namespace.ts'
import type { Json } from './lab.ts'

const host = new Namespace('host')

async function rows(on: Namespace, ...argv: readonly string[]): Promise<readonly Json[]> {
  const text = await on.run(...argv)
  return text.trim() === '' ? [] : JSON.parse(text) as readonly Json[]
}

export async function kernelState(container: string, bridge: string): Promise<Json> {
  const inside = new Namespace(container, `/run/netns/${container}`)
  const [links, v4, v6, bridges, ports] = await Promise.all([
    rows(inside, 'ip', '-j', '-d', 'addr'), rows(inside, 'ip', '-j', '-4', 'route'), rows(inside, 'ip', '-j', '-6', 'route'),
    rows(host, 'ip', '-j', '-d', 'addr', 'show', 'dev', bridge), rows(host, 'bridge', '-j', '-d', 'link'),
  ])
  return {
    links: links.filter(({ ifname }) => ifname !== 'lo').map(linkOf), routes: [...v4, ...v6].map(routeOf).filter(text => !text.startsWith('"fe80')).toSorted(),
    bridge: bridges.map(linkOf),
    ports: ports.filter(({ master }) => master === bridge).map(({ hairpin, isolated, state }) => ({ hairpin, isolated, state })),
  }
}

function linkOf({ ifname, mtu, flags, addr_info: addresses, promiscuity }: Json): Json {
  const own = (addresses as readonly Json[]).filter(({ scope }) => scope === 'global').map(({ local, prefixlen }) => `${String(local)}/${String(prefixlen)}`)
  return { ifname, mtu, up: (flags as readonly string[]).includes('UP'), promisc: (flags as readonly string[]).includes('PROMISC') && promiscuity !== 0, addresses: own.toSorted() }
}

function routeOf({ dst, gateway, dev, scope, metric, prefsrc }: Json): string {
  return [dst, gateway, dev, scope, metric, prefsrc].flatMap(part => part === undefined ? [] : [JSON.stringify(part)]).join(' ')
}

/** A result without names and addresses that are chosen at random. */
export function comparable(result: Json): Json {
  return JSON.parse(JSON.stringify(result).replaceAll(/"mac":"[^"]*"/g, '"mac":"…"').replaceAll(/"name":"veth[0-9a-f]{8}"/g, '"name":"veth…"')) as Json
}
