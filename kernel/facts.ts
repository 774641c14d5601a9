/**
 * The facts that drivers decide by, read once per operation: about 0.5 ms for a host with a few links.
 */
import { existsSync, readFileSync } from 'node:fs'
import type { Facts } from '../objects/facts.ts'
import { findExecutable } from './exec.ts'
import { isErrno } from './error.ts'
import type { Kernel } from './kernel.ts'
import type { Link } from './netlink/link.ts'
import { RT_TABLE_LOCAL, RT_TABLE_MAIN, type Route } from './netlink/route.ts'

/** Where a Docker would be seen; parameters, so that the answer does not depend on the host a test runs on. */
export interface DockerTraces {
  /** In place of $PATH. */
  readonly path?: string | undefined
  readonly files: readonly string[]
}

export const dockerTraces: DockerTraces = { files: ['/var/lib/docker', '/run/docker.sock', '/var/run/docker.sock'] }

/** A snapshot of the namespace this process runs in. */
export function readFacts(kernel: Kernel, traces: DockerTraces = dockerTraces): Facts {
  const rtnetlink = kernel.rtnetlink()
  const links = rtnetlink.links()
  const ipv6 = existsSync('/proc/sys/net/ipv6')
  const routes = [...rtnetlink.routes(4), ...ipv6 ? rtnetlink.routes(6) : []].filter(route => route.table !== RT_TABLE_LOCAL)
  const byIndex = new Map(links.map(link => [link.index, link]))
  return {
    defaultRouteMtu: defaultRouteMtu(routes, byIndex),
    forwarding: { v4: isOn('net/ipv4/ip_forward'), v6: isOn('net/ipv6/conf/all/forwarding') },
    bridgeNetfilter: { v4: isOn('net/bridge/bridge-nf-call-iptables'), v6: isOn('net/bridge/bridge-nf-call-ip6tables') },
    ipv6: ipv6 && !isOn('net/ipv6/conf/all/disable_ipv6'),
    links: links.map(link => link.name),
    routes: routes.flatMap(route => {
      const dev = route.link === undefined ? '' : byIndex.get(route.link)?.name ?? ''
      return route.to === 'default' ? [] : [{ cidr: route.to, dev }]
    }),
    dockerInstalled: isDockerInstalled(traces),
  }
}

/** True where a dockerd is to be reckoned with: it would share the name docker0 and 172.17.0.0/16. */
export function isDockerInstalled(traces: DockerTraces = dockerTraces): boolean {
  const program = traces.path === undefined ? findExecutable('dockerd') : findExecutable('dockerd', traces.path)
  return program !== undefined || traces.files.some(file => existsSync(file))
}

/** The MTU behind the default route of the main table with the lowest metric, IPv4 before IPv6. */
function defaultRouteMtu(routes: readonly Route[], links: ReadonlyMap<number, Link>): number {
  const [best] = routes
    .filter(route => route.to === 'default' && route.table === RT_TABLE_MAIN && route.link !== undefined)
    .toSorted((a, b) => a.family - b.family || (a.metric ?? 0) - (b.metric ?? 0))
  return (best?.link === undefined ? undefined : links.get(best.link)?.mtu) ?? ETHERNET_MTU
}

function isOn(key: string): boolean {
  try {
    return readFileSync(`/proc/sys/${key}`, 'utf8').trim() !== '0'
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false
    throw error
  }
}

const ETHERNET_MTU = 1500
