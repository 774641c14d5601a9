/** The `nft` commands that would make an object's pieces, as a person would type them. The frame is no part of it. */
import { formatIp, ipFromBytes } from '../../address/ip.ts'
import type { Family } from '../../objects/firewall.ts'
import { type MapName, TABLE, mapShapes } from './layout.ts'
import type { Element, MapShape } from './message.ts'
import type { MapElements, Pieces } from './piece.ts'
import { addressLength } from './expression.ts'
import { protocolNumbers, ruleText, verdictText, word } from './statement.ts'

export function describePieces(family: Family, { chains, maps }: Pieces): readonly string[] {
  const table = `${word(family)} ${TABLE}`
  return [
    ...chains.flatMap(({ name, rules, verbatim }) => [
      ...name === 'guard' ? [] : [`nft add chain ${table} ${name}`], ...verbatim === undefined ? [] : [`nft add rule ${table} ${name} ${verbatim}`], ...rules.map(rule => `nft add rule ${table} ${name} ${ruleText(rule)}`),
    ]),
    ...maps.map(part => `nft add element ${table} ${part.map} ${describeElements(family, part)}`),
  ]
}

/** `{ KEY : VALUE, … }` */
export function describeElements(family: Family, { map, elements }: MapElements): string {
  return `{ ${elementTexts(family, map, elements).join(', ')} }`
}

function elementTexts(family: Family, map: MapName, elements: readonly Element[]): readonly string[] {
  const shape = mapShapes(family).find(({ name }) => name === map)
  return elements.flatMap((element, index) => {
    if (element.end === true || shape === undefined) return []
    const next = elements[index + 1]
    const key = shape.interval ? intervalText(element.key, next?.end === true ? next.key : undefined) : keyText(family, map, element.key)
    return [`${key}${valueText(family, shape, element.value)}`]
  })
}

function keyText(family: Family, map: MapName, key: Uint8Array): string {
  switch (map) {
    case 'into': case 'from': case 'hairpin': case 'resolvers': case 'segments': return `"${Buffer.from(key).toString().replaceAll('\0', '')}"`
    case 'ports': case 'port-chains': return protocolAndPort(key)
    case 'address-ports': case 'address-port-chains': case 'routed-ports': {
      const length = addressLength(family)
      return `${addressText(key.subarray(0, length))} . ${protocolAndPort(key.subarray(length))}`
    }
    case 'subnets': case 'sources': case 'members': case 'everybody': return addressText(key)
    case 'tcp-ranges': case 'udp-ranges': case 'sctp-ranges': return portText(key)
  }
}

/** `20000-20099`, or a subnet; up to the end of the numbers where there is no `after`. */
function intervalText(first: Uint8Array, after: Uint8Array | undefined): string {
  const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  const size = (after === undefined ? 1n << BigInt(first.length * 8) : number(after)) - number(first)
  if (first.length === 2) return `${number(first)}-${number(first) + size - 1n}`
  return `${addressText(first)}/${first.length * 8 - size.toString(2).length + 1}`
}

function valueText(family: Family, { value: kind }: MapShape, value: Element['value']): string {
  if (value === undefined || kind.kind === 'none') return ''
  if ('code' in value) return ` : ${verdictText(value)}`
  const length = addressLength(family)
  const port = value.length > length ? ` . ${portText(value.subarray(length))}` : ''
  return ` : ${addressText(value.subarray(0, length))}${port}`
}

function protocolAndPort(bytes: Uint8Array): string {
  const protocol = Object.entries(protocolNumbers).find(([, number]) => number === bytes[0])?.[0] ?? String(bytes[0])
  return `${protocol} . ${portText(bytes.subarray(4))}`
}

function portText(bytes: Uint8Array): string {
  return String((bytes[0] ?? 0) << 8 | (bytes[1] ?? 0))
}

function addressText(bytes: Uint8Array): string {
  return formatIp(ipFromBytes(bytes))
}
