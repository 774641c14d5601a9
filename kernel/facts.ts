/**
 * The facts that drivers decide by, read once per operation: about 0.5 ms for a host with a few links and routes.
 */
import { existsSync, readFileSync } from 'node:fs'
import { containsCidr, parseCidr } from '../address/cidr.ts'
import type { Facts } from '../objects/facts.ts'
import type { Family } from '../objects/firewall.ts'
import { findExecutable } from './exec.ts'
import { isErrno } from './error.ts'
import type { Kernel } from './kernel.ts'
import { hostPath } from './sysctls.ts'
import { RTN_LOCAL, RT_TABLE_LOCAL, RT_TABLE_MAIN, type Route } from './netlink/route.ts'

/** Where a Docker would be seen; parameters, so that the answer does not depend on the host a test runs on. */
export interface DockerTraces {
  /** In place of $PATH. */
  readonly path?: string | undefined
  readonly files: readonly string[]
}

export const dockerTraces: DockerTraces = { files: ['/var/lib/docker', '/run/docker.sock', '/var/run/docker.sock'] }

/**
 * Facts about the namespace this process runs in, with `known` in place of what would be read. What grows with the host (its links and
 * routes) is read when it is asked for, and then once: the thousandth container of a network asks for no list of links.
 */
export function readFacts(kernel: Kernel, traces: DockerTraces = dockerTraces, known: Partial<Facts> = {}): Facts {
  const rtnetlink = kernel.rtnetlink()
  const { sysctls } = kernel
  const hasIpv6 = once(() => existsSync(sysctls.pathOf('net/ipv6')))
  const isEnabled = once(() => hasIpv6() && !isOn(sysctls.pathOf('net/ipv6/conf/all/disable_ipv6')))
  const forwarding = once(() => ({ v4: isOn(sysctls.pathOf('net/ipv4/ip_forward')), v6: isOn(sysctls.pathOf('net/ipv6/conf/all/forwarding')) }))
  const routes = { 4: once(() => rtnetlink.routes(4)), 6: once(() => hasIpv6() ? rtnetlink.routes(6) : []) }
  const nameOf = (link: number | undefined): string => link === undefined ? '' : rtnetlink.findName(link) ?? ''
  const names = once(() => rtnetlink.links().map(link => link.name))
  const foreign = (family: Family) => once(() => occupied(routes[family]()).map(({ to, link }) => ({ cidr: to, dev: nameOf(link), link }))
    // A link without a name is being removed, and takes its routes with it.
    .flatMap(({ cidr, dev, link }) => dev === '' && link !== undefined ? [] : [{ cidr, dev }]))
  const taken = { 4: foreign(4), 6: foreign(6) }
  const mtu = once(() => defaultRouteMtu([...routes[4](), ...routes[6]()], link => rtnetlink.findLink(nameOf(link))?.mtu))
  const docker = once(() => isDockerInstalled(traces))
  const facts: Facts = {
    get defaultRouteMtu() { return mtu() },
    get forwarding() { return forwarding() },
    bridgeNetfilter: readBridgeNetfilter(),
    get ipv6() { return isEnabled() },
    get links() { return names() },
    routes: { get 4() { return taken[4]() }, get 6() { return taken[6]() } },
    get dockerInstalled() { return docker() },
  }
  return Object.defineProperties(facts, Object.getOwnPropertyDescriptors(known))
}

function once<T>(read: () => T): () => T {
  let value: { readonly of: T } | undefined
  return () => (value ??= { of: read() }).of
}

/**
 * The routes that say where somebody's addresses are, of every table. A default route in disguise (a VPN's 0.0.0.0/1 and 128.0.0.0/1) says
 * no more than a default route. An address of the host counts where it is all there is: one without a subnet, as on lo.
 */
function occupied(routes: readonly Route[]): readonly Route[] {
  const foreign = routes.filter(({ to }) => to !== 'default' && !isOwnBusiness(to))
  const wide = foreign.filter(route => route.table !== RT_TABLE_LOCAL && prefixOf(route) >= WIDEST_SUBNET[route.family])
  const addresses = foreign.filter(route => route.table === RT_TABLE_LOCAL && route.type === RTN_LOCAL)
  const subnetsOf = Map.groupBy(wide, linkKey)
  const alone = [...Map.groupBy(addresses, linkKey)].flatMap(([key, onLink]) => {
    const subnets = subnetsOf.get(key) ?? []
    // The usual link: one address, and the route to its subnet.
    if (onLink.length === 1 && subnets.length > 0) return []
    return onLink.filter(({ to }) => !subnets.some(subnet => containsCidr(parseCidr(subnet.to), parseCidr(to))))
  })
  return [...wide, ...alone]
}

function linkKey({ family, link }: Route): string {
  return `${family} ${link ?? ''}`
}

function prefixOf({ to }: Route): number {
  return Number(to.slice(to.indexOf('/') + 1))
}

/** Addresses that every host has. */
function isOwnBusiness(to: string): boolean {
  return to.startsWith('127.') || to === '::1/128' || to.startsWith('fe80:')
}

/** Whether bridged packets go through iptables and ip6tables. */
export function readBridgeNetfilter(): Facts['bridgeNetfilter'] {
  return { v4: isOn(hostPath('net/bridge/bridge-nf-call-iptables')), v6: isOn(hostPath('net/bridge/bridge-nf-call-ip6tables')) }
}

/** True where a dockerd is to be reckoned with: it would share the name docker0 and 172.17.0.0/16. */
export function isDockerInstalled(traces: DockerTraces = dockerTraces): boolean {
  const program = traces.path === undefined ? findExecutable('dockerd') : findExecutable('dockerd', traces.path)
  return program !== undefined || traces.files.some(file => existsSync(file))
}

/** The MTU behind the default route of the main table with the lowest metric, IPv4 before IPv6. */
function defaultRouteMtu(routes: readonly Route[], mtuOf: (link: number) => number | undefined): number {
  const [best] = routes
    .filter(route => route.to === 'default' && route.table === RT_TABLE_MAIN && route.link !== undefined)
    .toSorted((a, b) => a.family - b.family || (a.metric ?? 0) - (b.metric ?? 0))
  return (best?.link === undefined ? undefined : mtuOf(best.link)) ?? ETHERNET_MTU
}

function isOn(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').trim() !== '0'
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false
    throw error
  }
}

/** 10.0.0.0/8 and fc00::/7. */
const WIDEST_SUBNET = { 4: 8, 6: 7 } as const
const ETHERNET_MTU = 1500
