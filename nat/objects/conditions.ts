/**
 * Conditions of a published port: words of a tool's own language, which no other part of tsnet reads. What they mean is the tool's affair; here is
 * seen to that they stay conditions.
 */
import { TsnetError } from '../../errors/error.ts'
import type { FirewallObject, PublishObject } from '../../objects/firewall.ts'
import type { BackendName } from '../firewall.ts'

/** A target, a table or a program beside the condition; iptables itself refuses commands such as `-A`. */
const notConditions = /^(-[jgtM]|--(jump|goto|table|modprobe)(=.*)?)$/
/** The end of a line, of a statement, or of what is read of it. */
const separators = /[\p{Cc};#\\`$]/u

/** iptables' words begin with an option, or with the negation of one. */
export function syntaxOf(conditions: readonly string[]): BackendName {
  const first = conditions[0] ?? ''
  return first.startsWith('-') || first === '!' ? 'iptables' : 'nftables'
}

/** Before a rule is made of them; to remove one, they need not make sense. @throws firewall-unsupported, invalid-argument */
export function requireConditions(group: readonly FirewallObject[], backend: BackendName): void {
  for (const object of group) {
    if (object.kind !== 'publish') continue
    requireSyntax(object, backend)
    const bad = object.conditions?.find(word => separators.test(word) || notConditions.test(word))
    if (bad === undefined) continue
    throw new TsnetError('invalid-argument', `publish port ${object.host.first}: ${JSON.stringify(bad.slice(0, 80))} cannot be part of a condition`)
  }
}

function requireSyntax({ conditions, mark, host }: PublishObject, backend: BackendName): void {
  if (conditions !== undefined && syntaxOf(conditions) !== backend) {
    throw new TsnetError('firewall-unsupported', `publish port ${host.first}: its conditions (${conditions.join(' ').slice(0, 80)}) are in the words of `
      + `${syntaxOf(conditions)}, and the firewall of this host is ${backend} (tsnet firewall use ${syntaxOf(conditions)} changes it)`)
  }
  if (mark !== undefined && 'chain' in mark && backend === 'nftables') {
    throw new TsnetError('firewall-unsupported', `publish port ${host.first}: the chain ${mark.chain} is one of iptables, and the firewall of this host is nftables`)
  }
}

/** 16 digits that tell one such port from every other, whatever it is to do. */
export function portId(object: PublishObject): string {
  const { protocol, hostIp = '', host, containerIp, container, conditions = [], mark = {} } = object
  const text = JSON.stringify([protocol, hostIp, host.first, containerIp, container.first, conditions, mark])
  return [...new TextEncoder().encode(text)].reduce((sum, byte) => BigInt.asUintN(64, (sum ^ BigInt(byte)) * FNV_PRIME), FNV_BASIS)
    .toString(16).padStart(16, '0')
}

/** FNV-1a of 64 bits: loading node:crypto would take 5 ms of every command. */
const FNV_BASIS = 0xcbf29ce484222325n
const FNV_PRIME = 0x100000001b3n
