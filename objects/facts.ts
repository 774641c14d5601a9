/** Facts about the host that drivers decide by: a snapshot, taken once per operation, plain data. */
import type { Family } from './firewall.ts'

export interface Facts {
  /** MTU of the default route's link; 1500 where there is none. */
  readonly defaultRouteMtu: number
  readonly forwarding: { readonly v4: boolean, readonly v6: boolean }
  /** bridge-nf-call-iptables / -ip6tables; false where br_netfilter is absent. */
  readonly bridgeNetfilter: { readonly v4: boolean, readonly v6: boolean }
  readonly ipv6: boolean
  /** Names of all links of the host. */
  readonly links: readonly string[]
  /**
   * Where somebody's addresses are: destinations of all routes of the host, of every table, with the link they go by (empty: none). Default
   * routes are left out, and so are their disguises (0.0.0.0/1).
   */
  readonly routes: Readonly<Record<Family, readonly { readonly cidr: string, readonly dev: string }[]>>
  /** A dockerd on PATH, /var/lib/docker or docker.sock: then the default bridge is `tsnet0`, not `docker0`. */
  readonly dockerInstalled: boolean
  /** A port, free on every address, for the resolver to listen on; absent: networks get no resolver. */
  readonly resolverPort?: number
}

/** What an endpoint's objects depend on; read in microseconds, where all facts take as long as the host has links and routes. */
export type EndpointFacts = Pick<Facts, 'bridgeNetfilter'> & Partial<Pick<Facts, 'dockerInstalled'>>
