/**
 * The result of a call, in one shape inside and in each version's shape outside. Source: SPEC.md of each version; the order of keys, the
 * indentation and the empty `dns` are those of the reference library, since people compare.
 */
import { familyOf } from '../address/ip.ts'
import { cniCodes, cniError } from './error.ts'
import { type JsonObject, integerOf, objectOf, objectsOf, stringOf, stringsOf } from './fields.ts'
import { type CniVersion, isAtLeast } from './version.ts'

export interface CniInterface {
  readonly name: string
  readonly mac?: string
  readonly mtu?: number
  /** CNI_NETNS as it was given; absent for an interface of the host. */
  readonly sandbox?: string
  readonly socketPath?: string
  readonly pciID?: string
}

export interface CniIp {
  /** Index into the interfaces. */
  readonly interface?: number
  /** With the length of the prefix. */
  readonly address: string
  readonly gateway?: string
}

export interface CniRoute {
  readonly dst: string
  readonly gw?: string
  readonly mtu?: number
  readonly advmss?: number
  readonly priority?: number
  readonly table?: number
  readonly scope?: number
}

export interface CniDns {
  readonly nameservers?: readonly string[]
  readonly domain?: string
  readonly search?: readonly string[]
  readonly options?: readonly string[]
}

export interface CniResult {
  readonly interfaces: readonly CniInterface[]
  readonly ips: readonly CniIp[]
  readonly routes: readonly CniRoute[]
  readonly dns: CniDns
}

export const emptyResult: CniResult = { interfaces: [], ips: [], routes: [], dns: {} }

/** A result of any version. @throws code 6 where a part has the wrong type */
export function parseResult(object: JsonObject): CniResult {
  const old = (['ip4', 'ip6'] as const).map(key => objectOf(object, key)).filter(part => part !== undefined)
  return {
    interfaces: objectsOf(object, 'interfaces').map(parseInterface),
    ips: [...objectsOf(object, 'ips').map(parseIp), ...old.map(part => withGateway(stringOf(part, 'ip') ?? '', stringOf(part, 'gateway')))],
    routes: [...objectsOf(object, 'routes').map(parseRoute), ...old.flatMap(part => objectsOf(part, 'routes').map(parseRoute))],
    dns: parseDns(objectOf(object, 'dns') ?? {}),
  }
}

export function parseDns(object: JsonObject): CniDns {
  const domain = stringOf(object, 'domain')
  const lists = (['nameservers', 'search', 'options'] as const).map(key => [key, stringsOf(object, key)] as const)
  return { ...Object.fromEntries(lists.filter(([, list]) => list.length > 0)), ...domain === undefined || domain === '' ? {} : { domain } }
}

export function parseRoute(object: JsonObject): CniRoute {
  const gw = stringOf(object, 'gw')
  return {
    dst: stringOf(object, 'dst') ?? '', ...gw === undefined || gw === '' ? {} : { gw },
    ...numbersOf(object, ['mtu', 'advmss', 'priority', 'table', 'scope']),
  }
}

/** The text that is printed. @throws where versions before 0.3.0 cannot say it */
export function formatResult(result: CniResult, version: CniVersion): string {
  return JSON.stringify(isAtLeast(version, '0.3.0') ? modern(result, version) : ancient(result, version), undefined, 4)
}

function modern({ interfaces, ips, routes, dns }: CniResult, version: CniVersion): JsonObject {
  const isOne = isAtLeast(version, '1.0.0')
  const isLatest = isAtLeast(version, '1.1.0')
  return {
    cniVersion: version,
    ...interfaces.length === 0 ? {} : { interfaces: interfaces.map(({ name, mac, mtu, sandbox, socketPath, pciID }) => ({
      name, mac, ...isLatest ? { mtu } : {}, sandbox, ...isLatest ? { socketPath, pciID } : {},
    })) },
    ...ips.length === 0 ? {} : { ips: ips.map(ip => ({
      ...isOne ? {} : { version: String(familyOfAddress(ip.address)) }, interface: ip.interface, address: ip.address, gateway: ip.gateway,
    })) },
    ...routes.length === 0 ? {} : { routes: routes.map(({ dst, gw, ...rest }) => ({ dst, gw, ...isLatest ? rest : {} })) },
    dns: orderedDns(dns),
  }
}

/** One address a family, with the routes of that family. */
function ancient({ ips, routes, dns }: CniResult, version: CniVersion): JsonObject {
  const part = (family: 4 | 6): JsonObject | undefined => {
    const ip = ips.find(({ address }) => familyOfAddress(address) === family)
    if (ip === undefined) return undefined
    const own = routes.filter(({ dst }) => familyOfAddress(dst) === family).map(({ dst, gw }) => ({ dst, gw }))
    return { ip: ip.address, gateway: ip.gateway, ...own.length === 0 ? {} : { routes: own } }
  }
  const [ip4, ip6] = [part(4), part(6)]
  if (ip4 === undefined && ip6 === undefined) throw cniError(cniCodes.other, 'cannot convert: no valid IP addresses')
  return { cniVersion: version, ip4, ip6, dns: orderedDns(dns) }
}

function orderedDns({ nameservers, domain, search, options }: CniDns): JsonObject {
  return { nameservers, domain, search, options }
}

export function familyOfAddress(address: string): 4 | 6 {
  const slash = address.indexOf('/')
  return familyOf(slash < 0 ? address : address.slice(0, slash)) ?? 4
}

function parseInterface(object: JsonObject): CniInterface {
  const [mac, sandbox, socketPath, pciID] = (['mac', 'sandbox', 'socketPath', 'pciID'] as const).map(key => stringOf(object, key))
  return {
    name: stringOf(object, 'name') ?? '', ...given({ mac, sandbox, socketPath, pciID }), ...numbersOf(object, ['mtu']),
  }
}

function parseIp(object: JsonObject): CniIp {
  return { ...withGateway(stringOf(object, 'address') ?? '', stringOf(object, 'gateway')), ...numbersOf(object, ['interface']) }
}

function withGateway(address: string, gateway: string | undefined): CniIp {
  if (!/^[0-9a-fA-F.:]+\/\d{1,3}$/.test(address)) {
    throw cniError(cniCodes.decodingFailure, `read network configuration: "${address.slice(0, 80)}" is no address with the length of its prefix`)
  }
  return { address, ...given({ gateway }) }
}

/** Without what is absent or empty, as Go's omitempty leaves it out. */
function given<K extends string>(fields: Readonly<Record<K, string | undefined>>): { readonly [key in K]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')) as { readonly [key in K]?: string }
}

function numbersOf<K extends string>(object: JsonObject, keys: readonly K[]): { readonly [key in K]?: number } {
  const pairs = keys.map(key => [key, integerOf(object, key)] as const).filter(([, value]) => value !== undefined)
  return Object.fromEntries(pairs) as { readonly [key in K]?: number }
}
