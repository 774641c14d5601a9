/**
 * What a publish object means, once for both backends: where its ports go, and that its numbers make sense.
 */
import { TsnetError } from '../../errors/error.ts'
import type { PortRange, PublishObject } from '../../objects/firewall.ts'

/** True where every port keeps its number, so that a range is one rule or one interval. */
export function isIdentity(object: PublishObject): boolean {
  return object.host.first === object.container.first
}

export function sizeOfRange(range: PortRange): number {
  return range.last - range.first + 1
}

/** Each host port with the container port it goes to, in ascending order. */
export function portPairs(object: PublishObject): readonly { readonly host: number, readonly container: number }[] {
  const shift = object.container.first - object.host.first
  return Array.from({ length: sizeOfRange(object.host) }, (_, i) => {
    const host = object.host.first + i
    return { host, container: host + shift }
  })
}

/** True where its ports are found in a chain of their own, which can say more than where they lead. */
export function hasOwnChain(object: PublishObject): boolean {
  return object.conditions !== undefined || object.mark !== undefined
}

/** Every rule is built from these numbers. @throws invalid-port, invalid-argument */
export function checkPublish(object: PublishObject): void {
  for (const range of [object.host, object.container]) {
    if (!(Number.isInteger(range.first) && Number.isInteger(range.last) && range.first >= 1 && range.last <= 65_535 && range.first <= range.last)) {
      throw new TsnetError('invalid-port', `publish port: ${range.first}-${range.last} is no range of ports from 1 to 65535`)
    }
  }
  if (sizeOfRange(object.host) !== sizeOfRange(object.container)) {
    const text = (range: PortRange): string => `${range.first}-${range.last}`
    throw new TsnetError('invalid-port', `publish port: ${text(object.host)} and ${text(object.container)} differ in length`)
  }
  if (!hasOwnChain(object)) return
  if (sizeOfRange(object.host) > 1) throw new TsnetError('invalid-port', 'publish port: conditions and marks are for single ports')
  checkMark(object.mark)
}

function checkMark(mark: PublishObject['mark']): void {
  if (mark === undefined) return
  if ('bits' in mark ? Number.isInteger(mark.bits) && mark.bits > 0 && mark.bits <= 0xffff_ffff : isChainName(mark.chain)) return
  const said = 'bits' in mark ? `${mark.bits} is no mark` : `${JSON.stringify(mark.chain.slice(0, 80))} is no name of a chain`
  throw new TsnetError('invalid-argument', `publish port: ${said}`)
}

/** What iptables takes. */
export function isChainName(text: string): boolean {
  return /^[A-Za-z0-9_.][A-Za-z0-9_.:-]{0,27}$/.test(text)
}
