/**
 * The configuration of the plugin portmap, with the reference plugin's names and refusals. Pure.
 * Source: containernetworking/plugins, plugins/meta/portmap/main.go.
 */
import { familyOf, isUnspecified, parseIp } from '../../address/ip.ts'
import type { Protocol } from '../../objects/firewall.ts'
import { cniCodes, cniError } from '../error.ts'
import { booleanOf, integerOf, objectOf, objectsOf, stringOf, stringsOf } from '../fields.ts'
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
}

const bad = (msg: string): Error => cniError(cniCodes.other, msg)

/** @throws codes 6, 7 and 999 */
export function parsePortmap({ config }: Request): PortmapConfig {
  const bit = integerOf(config, 'markMasqBit')
  const chain = stringOf(config, 'externalSetMarkChain')
  if (bit !== undefined && chain !== undefined) throw bad('Cannot specify externalSetMarkChain and markMasqBit')
  if (bit !== undefined && (bit < 0 || bit > 31)) throw bad('MasqMarkBit must be between 0 and 31')
  for (const key of ['conditionsV4', 'conditionsV6']) {
    if (stringsOf(config, key).length > 0) {
      throw cniError(cniCodes.unsupportedField, `unsupported field "${key}": ${JSON.stringify(stringsOf(config, key)).slice(0, 200)}`,
        'tsnet finds a port in one step, so that no rule can have conditions of its own; put a rule into the chain TSNET-USER')
    }
  }
  const mappings = objectsOf(objectOf(config, 'runtimeConfig') ?? {}, 'portMappings').map(each => {
    const [hostPort = 0, containerPort = 0] = [integerOf(each, 'hostPort'), integerOf(each, 'containerPort')]
    if (containerPort <= 0) throw bad(`Invalid container port number: ${containerPort}`)
    if (hostPort <= 0) throw bad(`Invalid host port number: ${hostPort}`)
    for (const port of [hostPort, containerPort]) if (port > 65_535) throw bad(`Invalid port number: ${port}`)
    const hostIp = hostIpOf(stringOf(each, 'hostIP') ?? '')
    return { protocol: protocolOf(stringOf(each, 'protocol') ?? ''), hostPort, containerPort, ...hostIp === undefined ? {} : { hostIp } }
  })
  return { mappings, snat: booleanOf(config, 'snat') ?? true }
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
