/**
 * Who reaches what: the table that the firewall has to keep, whichever backend, in IPv4 and IPv6, TCP and UDP.
 *
 * A container on the network serves two ports, of which the first is published. `docs/reference/reachability.md` is made from this.
 */
export const origins = {
  'outside': 'another machine, which has no route to containers',
  'neighbour': 'another machine on a link of the host, with a route to the network by way of the host',
  'other network': 'a container on another network of the host',
  'same network': 'a container on the same network',
  'host': 'the host itself, from any of its addresses',
  'loopback': 'the host itself, at 127.0.0.1 and [::1]',
} as const
export type Origin = keyof typeof origins

export const targets = {
  published: 'the published port, at an address of the host',
  direct: 'the published port\'s own number, at the container\'s own address',
  unpublished: 'the other port, at the container\'s own address',
} as const
export type Target = keyof typeof targets

export const outsideSubnets = '192.0.2.0/24,2001:db8::/64'
export const neighbourSubnets = '198.51.100.0/24,2001:db8:100::/64'
export const neighbourLink = 'lan0'

export interface Variant {
  readonly title: string
  readonly internal?: true
  readonly options: Readonly<Record<string, string>>
  /** A row for each origin: what it reaches of `published`, `direct` and `unpublished`. */
  readonly reaches: Readonly<Record<Exclude<Origin, 'loopback'>, Row>> & { readonly loopback: readonly [Cell] }
}

export type Cell = 'yes' | 'no'
export type Row = readonly [published: Cell, direct: Cell, unpublished: Cell]

const mode = (name: string): Readonly<Record<string, string>> =>
  ({ 'com.docker.network.bridge.gateway_mode_ipv4': name, 'com.docker.network.bridge.gateway_mode_ipv6': name })

export const variants: readonly Variant[] = [
  { title: 'nat', options: {}, reaches: {
    'outside':       ['yes', 'no', 'no'],
    'neighbour':     ['yes', 'no', 'no'],
    'other network': ['yes', 'no', 'no'],
    'same network':  ['yes', 'yes', 'yes'],
    'host':          ['yes', 'yes', 'yes'],
    'loopback':      ['yes'],
  } },
  { title: 'nat, enable_icc=false', options: { 'com.docker.network.bridge.enable_icc': 'false' }, reaches: {
    'outside':       ['yes', 'no', 'no'],
    'neighbour':     ['yes', 'no', 'no'],
    'other network': ['yes', 'no', 'no'],
    'same network':  ['yes', 'no', 'no'],
    'host':          ['yes', 'yes', 'yes'],
    'loopback':      ['yes'],
  } },
  { title: 'nat, publish policy deny', options: { 'tsnet.publish_policy': 'deny' }, reaches: {
    'outside':       ['no', 'no', 'no'],
    'neighbour':     ['no', 'no', 'no'],
    'other network': ['no', 'no', 'no'],
    'same network':  ['yes', 'yes', 'yes'],
    'host':          ['yes', 'yes', 'yes'],
    'loopback':      ['yes'],
  } },
  { title: 'nat, publish policy: the outside\'s subnets', options: { 'tsnet.publish_policy': outsideSubnets }, reaches: {
    'outside':       ['yes', 'no', 'no'],
    'neighbour':     ['no', 'no', 'no'],
    'other network': ['no', 'no', 'no'],
    'same network':  ['yes', 'yes', 'yes'],
    'host':          ['yes', 'yes', 'yes'],
    'loopback':      ['yes'],
  } },
  { title: 'nat, the neighbour\'s link trusted', options: { 'com.docker.network.bridge.trusted_host_interfaces': neighbourLink }, reaches: {
    'outside':       ['yes', 'no', 'no'],
    'neighbour':     ['yes', 'yes', 'no'],
    'other network': ['yes', 'no', 'no'],
    'same network':  ['yes', 'yes', 'yes'],
    'host':          ['yes', 'yes', 'yes'],
    'loopback':      ['yes'],
  } },
  { title: 'nat-unprotected', options: mode('nat-unprotected'), reaches: {
    'outside':       ['yes', 'no', 'no'],
    'neighbour':     ['yes', 'yes', 'yes'],
    'other network': ['yes', 'yes', 'yes'],
    'same network':  ['yes', 'yes', 'yes'],
    'host':          ['yes', 'yes', 'yes'],
    'loopback':      ['yes'],
  } },
  { title: 'routed', options: mode('routed'), reaches: {
    'outside':       ['no', 'no', 'no'],
    'neighbour':     ['no', 'yes', 'no'],
    'other network': ['no', 'yes', 'no'],
    'same network':  ['no', 'yes', 'yes'],
    'host':          ['no', 'yes', 'yes'],
    'loopback':      ['no'],
  } },
  { title: 'routed, publish policy: the outside\'s subnets', options: { ...mode('routed'), 'tsnet.publish_policy': outsideSubnets }, reaches: {
    'outside':       ['no', 'no', 'no'],
    'neighbour':     ['no', 'no', 'no'],
    'other network': ['no', 'no', 'no'],
    'same network':  ['no', 'yes', 'yes'],
    'host':          ['no', 'yes', 'yes'],
    'loopback':      ['no'],
  } },
  { title: 'internal', internal: true, options: {}, reaches: {
    'outside':       ['no', 'no', 'no'],
    'neighbour':     ['no', 'no', 'no'],
    'other network': ['no', 'no', 'no'],
    'same network':  ['no', 'yes', 'yes'],
    'host':          ['no', 'yes', 'yes'],
    'loopback':      ['no'],
  } },
  { title: 'isolated, which goes with internal', internal: true, options: mode('isolated'), reaches: {
    'outside':       ['no', 'no', 'no'],
    'neighbour':     ['no', 'no', 'no'],
    'other network': ['no', 'no', 'no'],
    'same network':  ['no', 'yes', 'yes'],
    'host':          ['no', 'no', 'no'],
    'loopback':      ['no'],
  } },
]
