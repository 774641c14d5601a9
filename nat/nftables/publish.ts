/**
 * Published ports: elements of maps, which the kernel finds in one step however many there are. Twin: iptables/publish.ts.
 *
 *     on every address, one port or shifted     ports           protocol . port           → address . port    hash
 *     on one address                            address-ports   address . protocol . port → address . port    hash, one element a port
 *     on every address, a range that keeps its numbers   tcp-ranges, …   first–last → address                 interval tree, two elements
 *
 *     with conditions or a mark     port-chains, address-port-chains   the same keys → a chain of its own           hash
 *
 *     at the container's own address, without NAT         routed-ports    address . protocol . port  hash, a set
 *
 * Never intervals on a concatenated key: inserting 10 000 of them takes 943 ms, the time grows with the square.
 */
import { ipToBytes, parseIp } from '../../address/ip.ts'
import type { PublishObject } from '../../objects/firewall.ts'
import { portId } from '../objects/conditions.ts'
import { hasOwnChain, isIdentity, portPairs, sizeOfRange } from '../objects/publish.ts'
import { conditionChain, portChain } from './layout.ts'
import type { Element } from './message.ts'
import { type MapElements, type OwnChain, type Pieces, interval } from './piece.ts'
import { counter, dnatTo, protocolNumbers, rule, saddr, setMark } from './statement.ts'

export function publishPieces(object: PublishObject): Pieces {
  const atOwnAddress: readonly MapElements[] = object.routed === true || object.direct === true
    ? [{ map: 'routed-ports', elements: routedElements(object) }] : []
  if (hasOwnChain(object)) return ownChainPieces(object, atOwnAddress)
  return { chains: [], maps: [...object.routed === true ? [] : [redirections(object)], ...atOwnAddress] }
}

/** What does not meet the conditions goes on to other rules, as if the port were not published. */
function ownChainPieces(object: PublishObject, maps: readonly MapElements[]): Pieces {
  const { family, hostIp, conditions = [], mark, containerIp, container } = object
  const id = portId(object)
  const marks = mark === undefined || 'chain' in mark ? [] : mark.from?.map(from => [saddr(from), setMark(mark.bits)]) ?? [[setMark(mark.bits)]]
  const chains: readonly OwnChain[] = [
    // First, as it jumps to the other: so they are removed.
    ...conditions.length === 0 ? [] : [{ name: conditionChain(id), rules: [], verbatim: `${conditions.join(' ')} counter jump ${portChain(id)} comment "conditions"` }],
    {
      name: portChain(id),
      rules: [...marks.map(statements => rule('mark', ...statements)), rule('published port', counter, dnatTo(family, containerIp, container.first))],
    },
  ]
  const value = { code: 'jump', chain: chains[0]?.name ?? portChain(id) } as const
  const elements = keysByPort(object, hostIp === undefined ? Buffer.alloc(0) : bytesOf(hostIp)).map(key => ({ key, value }))
  return { chains, maps: [{ map: hostIp === undefined ? 'port-chains' : 'address-port-chains', elements }, ...maps] }
}

function redirections(object: PublishObject): MapElements {
  if (object.hostIp !== undefined) return { map: 'address-ports', elements: elementsByPort(object, bytesOf(object.hostIp)) }
  if (isIdentity(object) && sizeOfRange(object.host) > 1) {
    return { map: `${object.protocol}-ranges`, elements: rangeElements(object) }
  }
  return { map: 'ports', elements: elementsByPort(object, Buffer.alloc(0)) }
}

function elementsByPort(object: PublishObject, address: Buffer): readonly Element[] {
  const target = bytesOf(object.containerIp)
  const keys = keysByPort(object, address)
  return portPairs(object).map(({ container }, index) => ({ key: keys[index] ?? address, value: Buffer.concat([target, field(port(container))]) }))
}

function keysByPort(object: PublishObject, address: Buffer): readonly Buffer[] {
  const protocol = field(Buffer.of(protocolNumbers[object.protocol]))
  return portPairs(object).map(({ host }) => Buffer.concat([address, protocol, field(port(host))]))
}

function routedElements(object: PublishObject): readonly Element[] {
  const prefix = Buffer.concat([bytesOf(object.containerIp), field(Buffer.of(protocolNumbers[object.protocol]))])
  return portPairs(object).map(({ container }) => ({ key: Buffer.concat([prefix, field(port(container))]) }))
}

function rangeElements(object: PublishObject): readonly Element[] {
  const { first, last } = object.host
  return interval(port(first), last === 65_535 ? undefined : port(last + 1), bytesOf(object.containerIp))
}

/** Fields of a concatenation are padded to four bytes. */
function field(value: Buffer): Buffer {
  return Buffer.concat([value], 4)
}

function port(number: number): Buffer {
  return Buffer.of(number >>> 8, number & 0xff)
}

function bytesOf(ip: string): Buffer {
  return Buffer.from(ipToBytes(parseIp(ip)))
}
