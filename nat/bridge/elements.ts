/** What an object of the bridge filter is in the table: elements of its sets. */
import { canonicalIp, familyOf, ipToBytes, parseIp } from '../../address/ip.ts'
import { canonicalMac, macToBytes } from '../../address/mac.ts'
import type { BridgeFilterObject, PortGuardObject } from '../../objects/bridge-filter.ts'
import type { Element } from '../nftables/message.ts'
import { linkName } from '../nftables/statement.ts'
import { IFNAMSIZ, MACS_CHAIN, SOURCES_CHAIN, type SetName } from './layout.ts'

/** An element with its words for people. */
export interface NamedElement { readonly set: SetName, readonly element: Element, readonly text: string }

/** @throws invalid-address */
export function elementsOf(object: BridgeFilterObject): readonly NamedElement[] {
  if (object.kind === 'guarded-bridge') return [{ set: 'bridges', element: { key: linkName(object.bridge) }, text: `"${object.bridge}"` }]
  const { port, uplink, reflects } = object
  return [
    ...reflects === true ? [{ set: 'reflectors', element: { key: Buffer.concat([linkName(port), linkName(port)]) }, text: `"${port}" . "${port}"` } as const] : [],
    ...uplink === true ? [{ set: 'uplinks', element: { key: linkName(port) }, text: `"${port}"` } as const] : [], ...apartElements(object), ...sourceElements(object),
  ]
}

function apartElements({ port, onlyTo }: PortGuardObject): readonly NamedElement[] {
  if (onlyTo === undefined) return []
  return [{ set: 'apart', element: { key: linkName(port) }, text: `"${port}"` }, withMac('hosts', port, onlyTo)]
}

/** `ports` comes last: as long as a frame's port is not in it, its sender is not looked at. */
function sourceElements({ port, sources, onlyTo }: PortGuardObject): readonly NamedElement[] {
  if (sources === undefined) return []
  const chain = sources.addresses === undefined ? MACS_CHAIN : SOURCES_CHAIN
  return [
    withMac('macs', port, sources.mac),
    ...withUnspecified(sources.addresses ?? []).map(address => withAddress(port, address)),
    ...(sources.addresses ?? []).filter(address => familyOf(address) === 6).map(address => asTarget(port, address)),
    ...onlyTo === undefined ? (sources.addresses ?? []).filter(address => familyOf(address) === 4).map(address => ownIpv4(port, sources.mac, address)) : [],
    { set: 'ports', element: { key: linkName(port), value: { code: 'goto', chain } }, text: `"${port}" : goto ${chain}` },
  ]
}

/** 0.0.0.0 and :: are nobody's: who looks whether an address is free, or joins a group before it has one, sends with them. */
function withUnspecified(addresses: readonly string[]): readonly string[] {
  const has = (family: 4 | 6): boolean => addresses.some(address => familyOf(address) === family)
  return [...new Set([...addresses.map(canonicalIp), ...has(4) ? ['0.0.0.0'] : [], ...has(6) ? ['::'] : []])]
}

function withMac(set: SetName, port: string, mac: string): NamedElement {
  return { set, element: { key: Buffer.concat([linkName(port), macToBytes(mac)], 24) }, text: `"${port}" . ${canonicalMac(mac)}` }
}

function withAddress(port: string, address: string): NamedElement {
  const ip = parseIp(address)
  return {
    set: ip.family === 4 ? 'ipv4' : 'ipv6', element: { key: Buffer.concat([linkName(port), ipToBytes(ip)]) }, text: `"${port}" . ${address}`,
  }
}

/** Whether an element of `ipv6` is one of `targets` too, where it has the same key: all are but those of `::`. */
export function isTarget(key: Buffer): boolean {
  return key.subarray(IFNAMSIZ).some(byte => byte !== 0)
}

/** What neighbour discovery may be about: not `::`. */
function asTarget(port: string, address: string): NamedElement {
  const bytes = Buffer.from(ipToBytes(parseIp(address)))
  return { set: 'targets', element: { key: Buffer.concat([linkName(port), bytes]) }, text: `"${port}" . 0x${bytes.toString('hex')}` }
}

function ownIpv4(port: string, mac: string, address: string): NamedElement {
  const key = Buffer.concat([linkName(port), macToBytes(mac), Buffer.alloc(2), ipToBytes(parseIp(address))])
  return { set: 'own-ipv4', element: { key }, text: `"${port}" . ${canonicalMac(mac)} . ${address}` }
}
