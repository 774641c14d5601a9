/**
 * The configuration of host-local: ranges from three places, and addresses that were asked for. Pure.
 * Source: containernetworking/plugins, plugins/ipam/host-local/backend/allocator/config.go.
 */
import { join } from 'node:path'
import { type IpAddress, parseIp } from '../../address/ip.ts'
import { cniCodes, cniError } from '../error.ts'
import { type JsonObject, objectOf, objectsOf, stringOf, stringsOf } from '../fields.ts'
import { argumentsOf, type Request } from '../request.ts'
import { type CniRoute, parseRoute } from '../result.ts'
import { isAtLeast } from '../version.ts'
import { type RangeSet, checkRangeSets, parseRangeSet, parseRangeSets } from './range.ts'

export interface HostLocalConfig {
  /** DATADIR/NETWORK: names the pool in the store, and is where the reference plugin has its files. */
  readonly folder: string
  readonly sets: readonly RangeSet[]
  readonly routes: readonly CniRoute[]
  /** Path of a resolv.conf. */
  readonly resolvConf?: string
  readonly requested: readonly IpAddress[]
}

const defaultDataDir = '/var/lib/cni/networks'

/** Where the addresses of a network are, whatever else its configuration says. */
export function leaseFolder({ config, network }: Pick<Request, 'config' | 'network'>): string {
  const dataDir = stringOf(objectOf(config, 'ipam') ?? {}, 'dataDir') ?? ''
  return join(dataDir === '' ? defaultDataDir : dataDir, network)
}

/** @throws codes 4, 6 and 999 */
export function parseHostLocal(request: Request): HostLocalConfig {
  const { config, version } = request
  const ipam = objectOf(config, 'ipam')
  if (ipam === undefined) throw cniError(cniCodes.other, 'IPAM config missing \'ipam\' key')
  const runtime = objectOf(config, 'runtimeConfig') ?? {}
  const old = stringOf(ipam, 'subnet') ?? ''
  const sets = [...parseRangeSets(runtime, 'ipRanges'), ...old === '' ? [] : [parseRangeSet([ipam], 0)], ...parseRangeSets(ipam, 'ranges')]
  checkRangeSets(sets, !isAtLeast(version, '0.3.0'))
  const resolvConf = stringOf(ipam, 'resolvConf') ?? ''
  return {
    folder: leaseFolder(request), sets, routes: objectsOf(ipam, 'routes').map(parseRoute),
    ...resolvConf === '' ? {} : { resolvConf },
    requested: requestedAddresses(request, runtime),
  }
}

function requestedAddresses(request: Request, runtime: JsonObject): readonly IpAddress[] {
  const { IP } = argumentsOf(request, ['IP'])
  const args = objectOf(objectOf(request.config, 'args') ?? {}, 'cni') ?? {}
  const texts = [...IP === undefined || IP === '' ? [] : [IP], ...stringsOf(args, 'ips'), ...stringsOf(runtime, 'ips')]
  return texts.map(text => {
    const [address = ''] = text.split('/')
    return parseIp(address)
  })
}
