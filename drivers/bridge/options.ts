/** The bridge driver's options: read, checked against each other, every default resolved. Pure. */
import type { NetworkIntent } from '../../cnm/driver.ts'
import type { BridgeOptions } from '../../cnm/types.ts'
import { TsnetError } from '../../errors/error.ts'
import type { Facts } from '../../objects/facts.ts'
import { bridgeOptionReaders, type GivenOptions } from './option-table.ts'
import { nearestName } from './nearest-name.ts'

/** IPv6 does not work over less (RFC 8200). */
const minimumMtuV6 = 1280
const maximumMtu = 65_535

/** @throws invalid-option for an unknown name or bad value, conflicting-options for a combination that makes no sense */
export function parseBridgeOptions(network: Omit<NetworkIntent, 'parsed'>, facts: Facts): BridgeOptions {
  const given = readOptions(network.options)
  const { bridgeName, mtu, icc, masquerade, gatewayModeV4, gatewayModeV6, interfacePrefix, ...rest } = given
  const options: BridgeOptions = {
    bridgeName: bridgeName ?? defaultBridgeName(network, facts),
    mtu: mtu ?? Math.min(Math.max(facts.defaultRouteMtu, network.enableIPv6 ? minimumMtuV6 : 0), maximumMtu),
    icc: icc ?? true,
    masquerade: masquerade ?? true,
    gatewayModeV4: gatewayModeV4 ?? 'nat',
    gatewayModeV6: gatewayModeV6 ?? 'nat',
    interfacePrefix: interfacePrefix ?? 'eth',
    ...rest,
  }
  refuseConflicts(network, options)
  return options
}

function readOptions(options: Readonly<Record<string, string>>): GivenOptions {
  const given: GivenOptions = {}
  for (const [name, value] of Object.entries(options)) {
    const read = Object.hasOwn(bridgeOptionReaders, name) ? bridgeOptionReaders[name] : undefined
    if (read === undefined) throw unknownOption(name)
    read(given, value, reason => new TsnetError('invalid-option',
      `read option "${name}" with value "${value.slice(0, 80)}": ${reason}`,
      { data: { option: name, value } }))
  }
  return given
}

function unknownOption(name: string): TsnetError {
  const nearest = nearestName(name, Object.keys(bridgeOptionReaders))
  return new TsnetError('invalid-option',
    `read option "${name.slice(0, 80)}": the bridge driver has no such option; the nearest is "${nearest}"`,
    { data: { option: name, nearest } })
}

/**
 * The default network is Docker's docker0 only where there is no Docker: a dockerd started later would adopt the link and hand
 * out the same addresses again. A name that is taken is that of another installation, or of one whose store was lost.
 */
function defaultBridgeName(network: Omit<NetworkIntent, 'parsed'>, facts: Facts): string {
  if (network.name !== 'bridge') return `tsbr-${network.id.slice(0, 8)}`
  const own = Array.from({ length: 10 }, (_, index) => `tsnet${index}`)
  return [...facts.dockerInstalled ? [] : ['docker0'], ...own].find(name => !facts.links.includes(name)) ?? 'tsnet0'
}

function refuseConflicts(network: Omit<NetworkIntent, 'parsed'>, options: BridgeOptions): void {
  const conflict = (reason: string): TsnetError => new TsnetError('conflicting-options',
    `create network "${network.name}": ${reason}`)
  const isolated = options.gatewayModeV4 === 'isolated' || options.gatewayModeV6 === 'isolated'
  if (isolated && !network.internal) throw conflict('gateway mode isolated goes with --internal only')
  if (options.publishedTo !== undefined && (options.gatewayModeV4 === 'nat-unprotected' || options.gatewayModeV6 === 'nat-unprotected')) {
    throw conflict('gateway mode nat-unprotected opens every port to everybody, which no publish policy goes with')
  }
  if (network.enableIPv6 && options.mtu < minimumMtuV6) {
    throw conflict(`IPv6 needs an MTU of at least ${minimumMtuV6}, not ${options.mtu}`)
  }
}
