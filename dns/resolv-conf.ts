/**
 * resolv.conf as text: parsed leniently as the C library does, and made for a container. Pure.
 *
 * A container on the default network gets the host's servers without those on loopback, which it could not reach; where that
 * leaves none, the fallback file's (systemd-resolved's real upstreams). Public servers are never put in silently. Sources:
 * resolv.conf(5), moby daemon/libnetwork/internal/resolvconf.
 */
import { isIp, isLoopback, isUnspecified, parseIp } from '../address/ip.ts'

export interface ResolvConf {
  readonly nameservers: readonly string[]
  readonly search: readonly string[]
  readonly options: readonly string[]
}

export interface ResolvConfSources {
  /** Text of /etc/resolv.conf; empty where there is none. */
  readonly host: string
  /** Text of /run/systemd/resolve/resolv.conf, used when `host` has no server but on loopback. */
  readonly fallback: string
  /**
   * `--dns`, `--dns-search` and `--dns-option`: each, where given, takes the place of the host's. `--dns-search .` means none.
   */
  readonly dns: readonly string[]
  readonly dnsSearch: readonly string[]
  readonly dnsOptions: readonly string[]
  /** False: a loopback server is kept, as the container shares the host's loopback. */
  readonly ownNamespace: boolean
}

export function parseResolvConf(text: string): ResolvConf {
  const nameservers: string[] = []
  let search: readonly string[] = []
  const options: string[] = []
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.replace(/[#;].*$/, '').trim().split(/\s+/)
    if (keyword === 'nameserver' && values[0] !== undefined) nameservers.push(values[0])
    if (keyword === 'search' || keyword === 'domain') search = values
    if (keyword === 'options') options.push(...values)
  }
  return { nameservers, search, options }
}

export function formatResolvConf(conf: ResolvConf): string {
  const lines = [
    ...conf.nameservers.map(server => `nameserver ${server}`),
    ...conf.search.length > 0 ? [`search ${conf.search.join(' ')}`] : [],
    ...conf.options.length > 0 ? [`options ${conf.options.join(' ')}`] : [],
  ]
  return lines.map(line => `${line}\n`).join('')
}

/** What a container's resolv.conf says; `nameservers` is empty where the host has none that the container could reach. */
export function containerResolvConf(sources: ResolvConfSources): ResolvConf {
  const host = parseResolvConf(sources.host)
  const reachable = (servers: readonly string[]): readonly string[] =>
    sources.ownNamespace ? servers.filter(isReachable) : servers
  const own = reachable(host.nameservers)
  const inherited = own.length > 0 ? own : reachable(parseResolvConf(sources.fallback).nameservers)
  return {
    nameservers: sources.dns.length > 0 ? sources.dns : inherited,
    search: sources.dnsSearch.length > 0 ? sources.dnsSearch.filter(domain => domain !== '.') : host.search,
    options: sources.dnsOptions.length > 0 ? sources.dnsOptions : host.options,
  }
}

/** False for the host's own addresses, with or without a zone, and for what is no address in strict spelling. */
export function isReachable(server: string): boolean {
  const text = server.replace(/%.*$/, '')
  if (!isIp(text)) return false
  const address = parseIp(text)
  return !isLoopback(address) && !isUnspecified(address)
}
