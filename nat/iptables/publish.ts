/**
 * Published ports: one DNAT rule for a port or range, in the smallest chain of a tree that covers it.
 *
 *     TSNET                   jumps to blocks of 4096 ports per protocol, and ranges over several blocks
 *     TSNET-tcp-4096-8191     jumps to blocks of 256 ports, and ranges over several of these
 *     TSNET-tcp-7936-8191     jumps to blocks of 16 ports, and ranges over several of these
 *     TSNET-tcp-8080-8095     ports, and ranges inside the block
 *     TSNET-PORT-<id>         a port with conditions or a mark, jumped to by what meets the conditions
 *
 * Ports never overlap on one address (the kernel holds them bound), so a connection passes at most 4 × 16 rules per protocol however many are
 * published, and the last of 10 000 in a row some 30; with two levels, of 64 and 64, it was 70, which a third of the rate of new connections was
 * lost by (`npm run bench -- port-scale`).
 * Twin: nftables/publish.ts.
 */
import type { PublishObject } from '../../objects/firewall.ts'
import { portId } from '../objects/conditions.ts'
import { hasOwnChain, isIdentity } from '../objects/publish.ts'
import { TSNET_CHAIN, portChain, portsChain } from './layout.ts'
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
  const own = hasOwnChain(object) ? ownChainRules(object, chain) : [{ table: 'nat', chain, spec: dnatSpec(object) } as const]
  return [...jumps, ...own, ...object.direct === true ? [directRule(object)] : []]
}

/** The conditions lead into the chain; what does not meet them goes on to other rules, as if the port were not published. */
function ownChainRules(object: PublishObject, chain: string): readonly Rule[] {
  const own = portChain(portId(object))
  const { protocol, host, conditions = [], mark } = object
  const words = [portMatch(protocol, host.first, host.last), ...conditions.map(quoted), `-j ${own}`]
  const address = addressMatch(object)
  const target = mark === undefined ? '' : 'chain' in mark ? `-j ${mark.chain}` : `-j MARK --set-xmark ${hex(mark.bits)}/${hex(mark.bits)}`
  const marks = mark === undefined ? [] : mark.from?.map(from => `-s ${from} ${address}${target}`) ?? [`${address}${target}`]
  return [
    { table: 'nat', chain, spec: words.join(' '), shared: true, ...conditions.length === 0 ? {} : { verbatim: true } },
    ...marks.map((spec): Rule => ({ table: 'nat', chain: own, spec, ordered: true })),
    { table: 'nat', chain: own, spec: `${address}-p ${protocol} -j DNAT --to-destination ${destinationOf(object)}`, ordered: true },
  ]
}

/** One word of iptables-restore. */
function quoted(word: string): string {
  return /^[\w.,:/=!+-]+$/.test(word) ? word : `"${word.replaceAll('"', '\\"')}"`
}

function hex(bits: number): string {
  return `0x${bits.toString(16)}`
}

function dnatSpec(object: PublishObject): string {
  const match = portMatch(object.protocol, object.host.first, object.host.last)
  return `${addressMatch(object)}${match} -j DNAT --to-destination ${destinationOf(object)}`
}

function addressMatch({ hostIp, family }: PublishObject): string {
  return hostIp === undefined ? '' : `-d ${hostIp}/${family === 4 ? 32 : 128} `
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
