/**
 * A running container's files and specification, brought in step with the networks it has: after the death of who changed them, and had
 * not come to the end. The controller's records say which networks those are.
 */
import { containsIp, parseCidr } from '../../address/cidr.ts'
import { isIp, parseIp } from '../../address/ip.ts'
import type { Attachment } from '../../cnm/controller-api.ts'
import type { NetworkRecord, SandboxId, Subnet } from '../../cnm/types.ts'
import { addHostEntries, type HostEntry, removeHostEntries } from '../../dns/hosts-file.ts'
import { isTsnetError } from '../../errors/error.ts'
import { hostNames, ownHostEntries } from '../files/container-files.ts'
import type { EndpointSettings } from '../types.ts'
import type { ContainerDependencies } from './dependencies.ts'
import { connectedEndpoints, rewriteHosts, rewriteResolvConf, withEndpoints } from './network-files.ts'
import type { Claim } from './records.ts'
import { endpointsOf } from './resolve.ts'

export function keepConnected(claim: Claim, on: ContainerDependencies): void {
  const { record } = claim
  const sandbox = on.networks.findSandbox(record.id as SandboxId)
  if (sandbox?.driver !== 'bridge') return
  const connected = connectedEndpoints(sandbox.id, on)
  const written = endpointsOf(record.spec).map(settings => ({ settings, network: find(settings.network, on) }))
  const lost = written.filter(({ network }) => !connected.some(one => one.network.id === network?.id))
  const gained = connected.filter(one => !written.some(({ network }) => network?.id === one.network.id))
  if (lost.length === 0 && gained.length === 0) return
  const subnets = lost.flatMap(({ network }) => network?.subnets ?? [])
  rewriteHosts(record, on, text => addHostEntries(removeHostEntries(text, rowsIn(subnets, text, record.hostname)),
    gained.flatMap(({ endpoint }) => ownHostEntries(record.hostname, endpoint))))
  const names = rewriteResolvConf(record, on)
  const stay = written.filter(one => !lost.includes(one)).map(({ settings }) => settings)
  claim.update({ ...withEndpoints(record, [...stay, ...gained.map(settingsOf)]), ...names.change })
}

function find(ref: string, { networks }: ContainerDependencies): NetworkRecord | undefined {
  try {
    return networks.getNetwork(ref)
  } catch (error) {
    if (isTsnetError(error, 'network-not-found')) return undefined
    throw error
  }
}

/** The container's own rows for addresses in the subnets; which address it had, nobody knows any more. */
function rowsIn(subnets: readonly Subnet[], text: string, hostname: string): readonly HostEntry[] {
  const names = hostNames(hostname)
  const ends = `\t${names.join(' ')}`
  const addresses = text.split('\n').filter(line => line.endsWith(ends)).map(line => line.slice(0, -ends.length)).filter(isIp)
  return addresses.filter(address => subnets.some(({ cidr }) => containsIp(parseCidr(cidr), parseIp(address))))
    .map(address => ({ address, names }))
}

/** As it was asked for, as far as the endpoint tells. */
function settingsOf({ endpoint, network }: Attachment['endpoints'][number]): EndpointSettings {
  const { addresses, aliases = [], fixed = [], gwPriority = 0, linkLocal, options = {} } = endpoint
  const asked = (family: 4 | 6): string | undefined => !fixed.includes(family) ? undefined
    : addresses.find(address => address.family === family)?.cidr.replace(/\/.*$/, '')
  const [ip, ip6] = [asked(4), asked(6)]
  return {
    network: network.name,
    ...ip === undefined ? {} : { ip }, ...ip6 === undefined ? {} : { ip6 },
    ...linkLocal === undefined ? {} : { linkLocal: linkLocal.map(cidr => cidr.replace(/\/.*$/, '')) },
    ...gwPriority === 0 ? {} : { gwPriority }, ...aliases.length === 0 ? {} : { aliases },
    ...Object.keys(options).length === 0 ? {} : { driverOptions: options },
  }
}
