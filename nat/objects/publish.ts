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

/** Every rule is built from these numbers. @throws invalid-port */
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
}
