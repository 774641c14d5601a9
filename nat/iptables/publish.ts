/**
 * Published ports: one DNAT rule for a port or range, in the smallest chain of a tree that covers it.
 *
 *     TSNET                   jumps to blocks of 4096 ports per protocol, and ranges over several blocks
 *     TSNET-tcp-4096-8191     jumps to blocks of 256 ports, and ranges over several of these
 *     TSNET-tcp-7936-8191     jumps to blocks of 16 ports, and ranges over several of these
 *     TSNET-tcp-8080-8095     ports, and ranges inside the block
 *
 * Ports never overlap on one address (the kernel holds them bound), so a connection passes at most 4 × 16 rules per protocol however many are
 * published, and the last of 10 000 in a row some 30; with two levels, of 64 and 64, it was 70, which a third of the rate of new connections was
 * lost by (`npm run bench -- port-scale`).
 * Twin: nftables/publish.ts.
 */
import type { PublishObject } from '../../objects/firewall.ts'
import { isIdentity } from '../objects/publish.ts'
import { TSNET_CHAIN, portsChain } from './layout.ts'
import type { Rule } from './rule.ts'

/** Sizes of the levels below TSNET, in ports. */
const LEVELS = [4096, 256, 16] as const

export function publishRules(object: PublishObject): readonly Rule[] {
  if (object.routed === true) return [directRule(object)]
  const jumps: Rule[] = []
  let chain = TSNET_CHAIN
  for (const size of LEVELS) {
    const first = object.host.first - object.host.first % size
    const last = first + size - 1
    if (object.host.last > last) break
    const next = `TSNET-${object.protocol}-${first}-${last}`
    jumps.push({ table: 'nat', chain, spec: `${portMatch(object.protocol, first, last)} -j ${next}`, shared: true })
    chain = next
  }
  return [...jumps, { table: 'nat', chain, spec: dnatSpec(object) }, ...object.direct === true ? [directRule(object)] : []]
}

function dnatSpec(object: PublishObject): string {
  const address = object.hostIp === undefined ? '' : `-d ${object.hostIp}/${object.family === 4 ? 32 : 128} `
  const match = portMatch(object.protocol, object.host.first, object.host.last)
  return `${address}${match} -j DNAT --to-destination ${destinationOf(object)}`
}

/** A shifted range needs its base (`/8000`): without it every port would lead to the first one. */
function destinationOf(object: PublishObject): string {
  if (isIdentity(object)) return object.containerIp
  const ip = object.family === 4 ? object.containerIp : `[${object.containerIp}]`
  const { first, last } = object.container
  return first === last ? `${ip}:${first}` : `${ip}:${first}-${last}/${object.host.first}`
}

function portMatch(protocol: string, first: number, last: number): string {
  return `-p ${protocol} -m ${protocol} --dport ${first === last ? first : `${first}:${last}`}`
}

/** At the container's own address. First in its chain, which ends with a return. */
function directRule(object: PublishObject): Rule {
  const match = portMatch(object.protocol, object.container.first, object.container.last)
  const spec = `-d ${object.containerIp}/${object.family === 4 ? 32 : 128} ${match} -j ACCEPT`
  return { table: 'filter', chain: portsChain(object.bridge), spec, position: 1 }
}
