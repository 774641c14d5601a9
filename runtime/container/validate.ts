/** What can be said against a container before anything is made: names, conflicts between options, limits. Pure. */
import { familyOf } from '../../address/ip.ts'
import { canonicalMac } from '../../address/mac.ts'
import { checkName, defaultNetworkName } from '../../cnm/names.ts'
import { TsnetError } from '../../errors/error.ts'
import { parseExtraHost } from '../files/container-files.ts'
import type { ContainerSpec, EndpointSettings } from '../types.ts'
import { endpointsOf } from './resolve.ts'
import { parseSignal } from './signals.ts'

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/
const maximumName = 255
/** The kernel's limit (UTS), and nothing that could break a line of /etc/hosts. */
const hostnamePattern = /^[a-zA-Z0-9_]([a-zA-Z0-9_.-]{0,62}[a-zA-Z0-9_])?$/
/** Docker's: below, the runtime itself does not fit. */
const minMemoryBytes = 6 * 1024 * 1024

export interface Machine { readonly processors: number }

/** @throws invalid-name, conflicting-options, invalid-address, invalid-argument */
export function validateSpec(spec: ContainerSpec, machine: Machine): void {
  validateNames(spec)
  validateNetwork(spec)
  validateLimits(spec, machine)
  validateMounts(spec)
  spec.extraHosts.forEach(parseExtraHost)
  validateResolver(spec)
  if (spec.stopSignal !== undefined) parseSignal(spec.stopSignal)
  if (spec.workdir !== undefined) requireAbsolute('working directory', spec.workdir)
  if ((spec.image === undefined) === (spec.rootfs === undefined)) {
    throw new TsnetError('conflicting-options', 'run container: give either an image or --rootfs')
  }
}

function validateNames({ name, hostname }: ContainerSpec): void {
  if (name !== undefined && (!namePattern.test(name) || name.length > maximumName)) {
    throw new TsnetError('invalid-name',
      `run container: invalid name "${name.slice(0, 80)}": only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed, from two to ${maximumName}`)
  }
  if (hostname !== undefined && !hostnamePattern.test(hostname)) {
    throw new TsnetError('invalid-argument', `run container: invalid hostname "${hostname.slice(0, 80)}": it has 1 to 64 letters, digits, dots, dashes or underscores, and ends with no dot or dash`)
  }
}

/** Docker's rules for `--network container:`, and addresses only where tsnet hands out addresses. */
function validateNetwork(spec: ContainerSpec): void {
  const { mode } = spec.network
  if (mode !== 'bridge' && (spec.ip !== undefined || spec.ip6 !== undefined)) throw conflict('an IP address', mode)
  if (mode !== 'bridge' && spec.mac !== undefined) throw conflict('a MAC address', mode)
  if (mode === 'container') {
    if (spec.hostname !== undefined) throw conflict('a hostname', mode)
    if (spec.ports.length > 0 || spec.publishAll) throw conflict('published ports', mode)
    if (spec.exposed !== undefined) throw conflict('--expose', mode)
    if (spec.dns.length + spec.dnsSearch.length + spec.dnsOptions.length > 0) throw conflict('DNS settings', mode)
    if (spec.extraHosts.length > 0) throw conflict('--add-host', mode)
  }
  const endpoints = endpointsOf(spec)
  endpoints.forEach(validateEndpoint)
  const twice = endpoints.find(({ network }, i) => endpoints.findIndex(other => other.network === network) !== i)
  if (twice !== undefined) {
    throw new TsnetError('conflicting-options', `run container: network "${twice.network}" is given twice`)
  }
}

/** @throws invalid-address, invalid-name, conflicting-options */
export function validateEndpoint({ network, ip, ip6, mac, linkLocal = [], aliases = [] }: EndpointSettings): void {
  for (const address of linkLocal) validateAddress('--link-local-ip', address)
  if (ip !== undefined) validateAddress('--ip', ip)
  if (ip6 !== undefined) validateAddress('--ip6', ip6)
  if (mac !== undefined) canonicalMac(mac)
  // On the default network containers have no names for each other.
  if (aliases.length > 0 && network === defaultNetworkName) {
    throw new TsnetError('conflicting-options', 'run container: --network-alias is for user-defined networks, and not for the default one; give --network')
  }
  for (const alias of aliases) checkName('network alias', alias)
}

function validateLimits({ limits }: ContainerSpec, { processors }: Machine): void {
  const { memoryBytes, cpuQuotaUs, pids } = limits
  if (memoryBytes !== undefined && memoryBytes < minMemoryBytes) throw invalidLimit('memory', 'at least 6 MB')
  if (cpuQuotaUs !== undefined && (cpuQuotaUs < 1000 || cpuQuotaUs > processors * 100_000)) {
    throw invalidLimit('CPUs', `from 0.01 to ${processors}.00, as this machine has ${processors}`)
  }
  if (pids !== undefined && !Number.isInteger(pids)) throw invalidLimit('processes', 'a whole number')
}

function validateMounts({ mounts }: ContainerSpec): void {
  const targets = new Set<string>()
  for (const { kind, source, target } of mounts) {
    requireAbsolute('mount target', target)
    const clean = target.replace(/\/+$/, '')
    if (clean === '') throw new TsnetError('invalid-argument', 'run container: the mount target may not be "/"')
    if (targets.has(clean)) throw new TsnetError('invalid-argument', `run container: duplicate mount target "${target}"`)
    targets.add(clean)
    if (kind === 'bind') requireAbsolute('source of a bind mount', source ?? '')
    else if (source !== undefined && !namePattern.test(source)) {
      throw new TsnetError('invalid-name',
        `run container: invalid volume name "${source}": only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`)
    }
  }
}

function validateAddress(flag: string, address: string): void {
  if (familyOf(address) === undefined) throw new TsnetError('invalid-address', `${flag} "${address.slice(0, 80)}": it is no IP address`)
}

/** What stands in resolv.conf is one word each, so that none begins a line of its own. */
function validateResolver({ dns, dnsSearch, dnsOptions }: ContainerSpec): void {
  for (const address of dns) validateAddress('--dns', address)
  for (const domain of dnsSearch) {
    if (/^(?:\.|[a-zA-Z0-9_-]+(?:\.[a-zA-Z0-9_-]+)*\.?)$/.test(domain) && domain.length <= 255) continue
    throw new TsnetError('invalid-argument', `--dns-search "${domain.slice(0, 80)}": it is no domain; examples: corp.example, or . for none`)
  }
  for (const option of dnsOptions) {
    if (/^[\x21-\x7e]+$/.test(option)) continue
    throw new TsnetError('invalid-argument', `--dns-option "${option.slice(0, 80)}": it is not one word; examples: ndots:2, rotate`)
  }
}

function requireAbsolute(what: string, path: string): void {
  if (path.startsWith('/') && !path.split('/').includes('..')) return
  throw new TsnetError('invalid-argument', `run container: the ${what} "${path}" is not an absolute path`)
}

function conflict(what: string, mode: string): TsnetError {
  return new TsnetError('conflicting-options', `run container: ${what} cannot be given with the network mode ${mode}`)
}

function invalidLimit(what: string, range: string): TsnetError {
  return new TsnetError('invalid-argument', `run container: the limit of ${what} must be ${range}`)
}
