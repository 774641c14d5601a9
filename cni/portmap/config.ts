/**
 * The configuration of the plugin portmap, with the reference plugin's names and refusals. Pure.
 * Source: containernetworking/plugins, plugins/meta/portmap/main.go.
 */
import { familyOf, isUnspecified, parseIp } from '../../address/ip.ts'
import { syntaxOf } from '../../nat/objects/conditions.ts'
import type { Protocol } from '../../objects/firewall.ts'
import { isChainName } from '../../nat/objects/publish.ts'
import { askedBackend } from '../backend.ts'
import { cniCodes, cniError } from '../error.ts'
import { type JsonObject, booleanOf, integerOf, objectOf, objectsOf, stringOf, stringsOf } from '../fields.ts'
import type { Request } from '../request.ts'

export interface PortMapping {
  readonly protocol: Protocol
  readonly hostPort: number
  readonly containerPort: number
  /** Absent: every address of the host. */
  readonly hostIp?: string
}

export interface PortmapConfig {
  readonly mappings: readonly PortMapping[]
  /** Masquerade what uses a port from the host itself, or from the network of the container. */
  readonly snat: boolean
  /** Masquerade whoever uses a port. */
  readonly masqAll: boolean
  /** By family: what a connection has to meet, in the words of iptables or nft; none: everything. */
  readonly conditions: Readonly<Record<4 | 6, readonly string[]>>
  /** Bits of a packet's mark that tell what is masqueraded, or the chain of another program that sees to it. */
  readonly mark?: { readonly bits: number } | { readonly chain: string }
}

const bad = (msg: string): Error => cniError(cniCodes.other, msg)

/** @throws codes 6, 7 and 999 */
export function parsePortmap({ config }: Request): PortmapConfig {
  const mappings = withoutRepeats(objectsOf(objectOf(config, 'runtimeConfig') ?? {}, 'portMappings').map(mappingOf))
  const mark = markOf(config)
  const conditions = { 4: stringsOf(config, 'conditionsV4'), 6: stringsOf(config, 'conditionsV6') }
  const backend = askedBackend(config, 'backend')
  for (const words of Object.values(conditions)) {
    if (words.length > 0 && backend !== undefined && syntaxOf(words) !== backend) {
      throw bad(`the conditions "${words.join(' ').slice(0, 80)}" are in the words of ${syntaxOf(words)}, and the backend is to be ${backend}`)
    }
  }
  if (backend === 'nftables' && mark !== undefined && 'chain' in mark) throw bad('Cannot specify externalSetMarkChain with the backend nftables')
  return {
    mappings, snat: booleanOf(config, 'snat') ?? true, masqAll: booleanOf(config, 'masqAll') ?? false, conditions,
    ...mark === undefined ? {} : { mark },
  }
}

function mappingOf(each: JsonObject): PortMapping {
  const [hostPort = 0, containerPort = 0] = [integerOf(each, 'hostPort'), integerOf(each, 'containerPort')]
  if (containerPort <= 0) throw bad(`Invalid container port number: ${containerPort}`)
  if (hostPort <= 0) throw bad(`Invalid host port number: ${hostPort}`)
  for (const port of [hostPort, containerPort]) if (port > 65_535) throw bad(`Invalid port number: ${port}`)
  const hostIp = hostIpOf(stringOf(each, 'hostIP') ?? '')
  return { protocol: protocolOf(stringOf(each, 'protocol') ?? ''), hostPort, containerPort, ...hostIp === undefined ? {} : { hostIp } }
}

/** What another mapping says as well is left out; a port that is to lead to two is a mistake that no other try mends. */
function withoutRepeats(mappings: readonly PortMapping[]): readonly PortMapping[] {
  const byPort = new Map<string, PortMapping[]>()
  for (const mapping of mappings) {
    const key = `${mapping.protocol} ${mapping.hostPort}`
    const others = byPort.get(key) ?? []
    const rival = others.find(other => other.containerPort !== mapping.containerPort && (covers(other, mapping) || covers(mapping, other)))
    if (rival !== undefined) {
      throw bad(`host port ${mapping.hostPort}/${mapping.protocol} cannot lead to two ports of the container: ${rival.containerPort} and ${mapping.containerPort}`)
    }
    if (!others.some(other => covers(other, mapping))) byPort.set(key, [...others.filter(other => !covers(mapping, other)), mapping])
  }
  return [...byPort.values()].flat()
}

/** Whether all addresses of one are among those of the other. */
function covers({ hostIp: wide }: PortMapping, { hostIp }: PortMapping): boolean {
  if (wide === undefined || wide === hostIp) return true
  return hostIp !== undefined && isEveryAddress(wide) && familyOf(wide) === familyOf(hostIp)
}

function markOf(config: JsonObject): PortmapConfig['mark'] {
  const bit = integerOf(config, 'markMasqBit')
  const chain = stringOf(config, 'externalSetMarkChain')
  if (bit !== undefined && chain !== undefined) throw bad('Cannot specify externalSetMarkChain and markMasqBit')
  if (bit !== undefined && (bit < 0 || bit > 31)) throw bad('MasqMarkBit must be between 0 and 31')
  if (chain !== undefined && !isChainName(chain)) throw bad(`invalid externalSetMarkChain "${chain.slice(0, 80)}": the name of a chain has 1 to 28 letters, digits, dashes`)
  return bit !== undefined ? { bits: 2 ** bit } : chain === undefined ? undefined : { chain }
}

function protocolOf(text: string): Protocol {
  const protocol = (['tcp', 'udp', 'sctp'] as const).find(candidate => candidate === text.toLowerCase())
  if (protocol !== undefined) return protocol
  throw bad(`Invalid protocol "${text.slice(0, 80)}": there are tcp, udp and sctp`)
}

/** An unspecified address means all of its family, and is kept for that. */
function hostIpOf(text: string): string | undefined {
  if (text === '') return undefined
  if (familyOf(text) === undefined) throw bad(`Invalid host IP "${text.slice(0, 80)}"`)
  return text
}

/** Whether a mapping is for a family. */
export function isFor({ hostIp }: PortMapping, family: 4 | 6): boolean {
  return hostIp === undefined || familyOf(hostIp) === family
}

export function isEveryAddress(hostIp: string | undefined): boolean {
  return hostIp === undefined || isUnspecified(parseIp(hostIp))
}
