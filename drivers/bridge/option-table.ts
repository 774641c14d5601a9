/**
 * The names of the bridge driver's options, which are Docker's, those that Docker lacks under `tsnet.`, and how each is read. The only place that
 * knows their spelling.
 * Source: docs.docker.com/engine/network/drivers/bridge, moby daemon/libnetwork/netlabel.
 */
import { formatCidr, parseCidr } from '../../address/cidr.ts'
import { bitsOf, canonicalIp, familyOf, isIp, isUnspecified, parseIp } from '../../address/ip.ts'
import type { Ipv6Proxy } from '../../cnm/types.ts'
import type { TsnetError } from '../../errors/error.ts'
import type { Family, GatewayMode } from '../../objects/firewall.ts'

/** What was given, read; what was not given is absent. */
export interface GivenOptions {
  bridgeName?: string
  mtu?: number
  icc?: boolean
  masquerade?: boolean
  hostBindingV4?: string
  gatewayModeV4?: GatewayMode
  gatewayModeV6?: GatewayMode
  interfacePrefix?: string
  snatV4?: string
  snatV6?: string
  trustedInterfaces?: readonly string[]
  inhibitV4?: boolean
  publishedTo?: readonly string[]
  antiSpoofing?: boolean
  ipv6Proxy?: Ipv6Proxy
}

/** One entry: reads a value into the options, or throws what is wrong with it. */
type Reader = (given: GivenOptions, value: string, refuse: (reason: string) => TsnetError) => void

/** `--publish-policy` of `network create` is a short form of it. */
const publishPolicy = 'tsnet.publish_policy'
const gatewayModes: readonly GatewayMode[] = ['nat', 'nat-unprotected', 'routed', 'isolated']
/** The 15 characters that a link's name may have (IFNAMSIZ), and what iptables takes literally. */
const linkName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/

export function isLinkName(text: string): boolean {
  return linkName.test(text)
}

export const bridgeOptionReaders: Readonly<Record<string, Reader>> = {
  'com.docker.network.bridge.name': (given, value, refuse) => {
    if (!isLinkName(value)) throw refuse('the name of a link has 1 to 15 letters, digits, dots, dashes or underscores')
    given.bridgeName = value
  },
  'com.docker.network.bridge.enable_icc': (given, value, refuse) => { given.icc = readBoolean(value, refuse) },
  'com.docker.network.bridge.enable_ip_masquerade': (given, value, refuse) => { given.masquerade = readBoolean(value, refuse) },
  'com.docker.network.bridge.host_binding_ipv4': (given, value, refuse) => {
    const address = readAddress(4, value, refuse)
    // 0.0.0.0 is what there is without the option.
    if (!isUnspecified(parseIp(address))) given.hostBindingV4 = address
  },
  'com.docker.network.bridge.gateway_mode_ipv4': (given, value, refuse) => { given.gatewayModeV4 = readMode(value, refuse) },
  'com.docker.network.bridge.gateway_mode_ipv6': (given, value, refuse) => { given.gatewayModeV6 = readMode(value, refuse) },
  'com.docker.network.bridge.trusted_host_interfaces': (given, value, refuse) => {
    const names = value.split(':').filter(name => name !== '')
    if (!names.every(isLinkName)) throw refuse('names of links are parted by colons, as in eth1:wg0')
    if (names.length > 0) given.trustedInterfaces = names
  },
  'com.docker.network.bridge.inhibit_ipv4': (given, value, refuse) => { if (readBoolean(value, refuse)) given.inhibitV4 = true },
  'com.docker.network.driver.mtu': (given, value, refuse) => {
    const mtu = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN
    if (!(mtu >= 68 && mtu <= 65_535)) throw refuse('an MTU is a number from 68 to 65535')
    given.mtu = mtu
  },
  'com.docker.network.container_iface_prefix': (given, value, refuse) => {
    if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,11}$/.test(value)) {
      throw refuse('a prefix has 1 to 12 letters, digits, dots, dashes or underscores and begins with a letter')
    }
    if (value === 'lo') throw refuse('lo is the loopback interface')
    given.interfacePrefix = value
  },
  'com.docker.network.host_ipv4': (given, value, refuse) => { given.snatV4 = readAddress(4, value, refuse) },
  'com.docker.network.host_ipv6': (given, value, refuse) => { given.snatV6 = readAddress(6, value, refuse) },
  [publishPolicy]: (given, value, refuse) => {
    const publishedTo = readPolicy(value, refuse)
    if (publishedTo !== undefined) given.publishedTo = publishedTo
  },
  'tsnet.anti_spoofing': (given, value, refuse) => { given.antiSpoofing = readBoolean(value, refuse) },
  'tsnet.ipv6_proxy': (given, value, refuse) => {
    if (value === 'v1' || value === 'v2') given.ipv6Proxy = value
    else if (!['true', 'false', '1', '0'].includes(value)) throw refuse('it is true, false, or the version of the PROXY protocol, v1 or v2')
    else if (value === 'true' || value === '1') given.ipv6Proxy = 'plain'
  },
}

/** `allow`, `deny`, or subnets and addresses. @returns the subnets that may; undefined for all */
function readPolicy(value: string, refuse: (reason: string) => TsnetError): readonly string[] | undefined {
  if (value === 'allow') return undefined
  if (value === 'deny') return []
  return value.split(',').map(text => {
    try {
      return subnetText(text.trim())
    } catch (cause) {
      throw refuse(`"${text.slice(0, 60)}" is neither allow, deny nor a list of subnets (${cause instanceof Error ? cause.message : String(cause)})`)
    }
  })
}

/** An address is a subnet of one. */
function subnetText(text: string): string {
  return formatCidr(parseCidr(isIp(text) ? `${text}/${bitsOf(parseIp(text).family)}` : text))
}

/** As Go's strconv.ParseBool, which Docker uses. */
function readBoolean(value: string, refuse: (reason: string) => TsnetError): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)) return false
  throw refuse('it is neither true nor false')
}

function readMode(value: string, refuse: (reason: string) => TsnetError): GatewayMode {
  const mode = gatewayModes.find(candidate => candidate === value)
  if (mode === undefined) throw refuse(`a gateway mode is one of ${gatewayModes.join(', ')}`)
  return mode
}

function readAddress(family: Family, value: string, refuse: (reason: string) => TsnetError): string {
  if (familyOf(value) !== family) throw refuse(`it is no IPv${family} address`)
  return canonicalIp(value)
}
