/**
 * static: the addresses of the configuration, or those asked for in their place. Nothing is kept. Pure.
 * Source: containernetworking/plugins, plugins/ipam/static/main.go.
 */
import { parseInterfaceAddress, cidrOf, containsIp } from '../../address/cidr.ts'
import { formatIp, parseIp } from '../../address/ip.ts'
import { cniCodes, cniError } from '../error.ts'
import { objectOf, objectsOf, stringOf, stringsOf } from '../fields.ts'
import { argumentsOf, type Request } from '../request.ts'
import { type CniIp, type CniResult, parseDns, parseRoute } from '../result.ts'
import { isAtLeast } from '../version.ts'

/** @throws codes 4, 6 and 999 */
export function parseStatic(request: Request): CniResult {
  const { config, version } = request
  const ipam = objectOf(config, 'ipam')
  if (ipam === undefined) throw cniError(cniCodes.other, 'IPAM config missing \'ipam\' key')
  const ips = chosenAddresses(request)
  const routes = objectsOf(ipam, 'routes').map(parseRoute)
  for (const { dst } of routes) parseInterfaceAddress(dst)
  const count = (family: 4 | 6): number => ips.filter(({ address }) => (address.includes(':') ? 6 : 4) === family).length
  if (!isAtLeast(version, '0.3.0') && (count(4) > 1 || count(6) > 1)) {
    throw cniError(cniCodes.other, 'CNI version does not support more than 1 address per family')
  }
  return { interfaces: [], ips, routes, dns: parseDns(objectOf(ipam, 'dns') ?? {}) }
}

/** Those of the runtime, else of `args`, else of the configuration and CNI_ARGS. */
function chosenAddresses(request: Request): readonly CniIp[] {
  const { config } = request
  const { IP = '', GATEWAY = '' } = argumentsOf(request, ['IP', 'GATEWAY'])
  const ofRuntime = stringsOf(objectOf(config, 'runtimeConfig') ?? {}, 'ips')
  const ofArgs = stringsOf(objectOf(objectOf(config, 'args') ?? {}, 'cni') ?? {}, 'ips')
  if (ofRuntime.length > 0) return ofRuntime.map(address => parsed(address))
  if (ofArgs.length > 0) return ofArgs.map(address => parsed(address))
  const configured = objectsOf(objectOf(config, 'ipam') ?? {}, 'addresses').map(each => parsed(stringOf(each, 'address') ?? '', stringOf(each, 'gateway')))
  const asked = IP === '' ? [] : IP.split(',').map(address => parsed(address.trim()))
  const gateways = GATEWAY === '' ? [] : GATEWAY.split(',').map(gateway => parseIp(gateway.trim()))
  return [...configured, ...asked].map(ip => {
    const subnet = cidrOf(parseInterfaceAddress(ip.address))
    const gateway = gateways.find(candidate => containsIp(subnet, candidate))
    return gateway === undefined ? ip : { ...ip, gateway: formatIp(gateway) }
  })
}

function parsed(address: string, gateway = ''): CniIp {
  if (!address.includes('/')) throw cniError(cniCodes.other, `the 'address' field is expected to be in CIDR notation, got: '${address.slice(0, 80)}'`)
  const { ip, prefix } = parseInterfaceAddress(address)
  return { address: `${formatIp(ip)}/${prefix}`, ...gateway === '' ? {} : { gateway: formatIp(parseIp(gateway)) } }
}
