/**
 * The last look at a firewall object before it becomes text or bytes: names and addresses that could mean something else to
 * iptables (`br+` is a pattern, a quote ends a word) never get into a rule.
 */
import { canonicalIp, familyOf, isUnspecified, parseIp } from '../../address/ip.ts'
import { formatCidr, parseCidr } from '../../address/cidr.ts'
import { TsnetError } from '../../errors/error.ts'
import type { Family, FirewallObject, IsolationObject, PublishObject } from '../../objects/firewall.ts'
import { checkPublish } from './publish.ts'

const LINK_NAME = /^[A-Za-z0-9_.:@][A-Za-z0-9_.:@-]{0,14}$/

/** The object with every address in its canonical spelling. @throws invalid-argument, invalid-address, invalid-subnet, invalid-port */
export function checked<T extends FirewallObject>(object: T): T
export function checked(object: FirewallObject): FirewallObject {
  switch (object.kind) {
    case 'isolation':
      checkLink(object.bridge)
      object.trusted?.forEach(checkLink)
      return { ...withPolicy(object), subnets: object.subnets.map(subnet => subnetOf(subnet, object.family)) }
    case 'masquerade':
      checkLink(object.bridge)
      return {
        ...object, subnet: subnetOf(object.subnet, object.family),
        ...object.source === undefined ? {} : { source: addressOf(object.source, object.family) },
      }
    case 'publish':
      checkLink(object.bridge)
      checkPublish(object)
      return {
        ...withHostIp(object), containerIp: addressOf(object.containerIp, object.family),
        ...object.mark?.from === undefined ? {} : { mark: { ...object.mark, from: object.mark.from.map(subnet => subnetOf(subnet, object.family)) } },
      }
    case 'resolver':
      checkLink(object.bridge)
      checkPort(object.port)
      return { ...object, address: addressOf(object.address, object.family) }
    case 'hairpin':
      checkLink(object.bridge)
      return { ...object, ...object.subnet === undefined ? {} : { subnet: subnetOf(object.subnet, object.family) } }
    case 'segment':
      checkLink(object.bridge)
      return object
    case 'forward-guard': return object
  }
}

/** A list with all addresses in it is no restriction. */
function withPolicy(object: IsolationObject): IsolationObject {
  const { publishedTo, ...rest } = object
  if (publishedTo === undefined || publishedTo.some(subnet => parseCidr(subnet).prefix === 0)) return rest
  return { ...rest, publishedTo: [...new Set(publishedTo.map(subnet => subnetOf(subnet, object.family)))] }
}

/** 0.0.0.0 and :: mean every address of the host, as no address does. */
function withHostIp(object: PublishObject): PublishObject {
  const { hostIp, ...rest } = object
  return hostIp === undefined || isUnspecified(parseIp(hostIp)) ? rest : { ...rest, hostIp: addressOf(hostIp, object.family) }
}

function checkLink(name: string): void {
  if (LINK_NAME.test(name)) return
  throw new TsnetError('invalid-argument', `write firewall rule: ${JSON.stringify(name)} cannot be used as the name of an interface in a rule`)
}

function checkPort(port: number): void {
  if (Number.isInteger(port) && port > 0 && port < 65_536) return
  throw new TsnetError('invalid-port', `write firewall rule: ${port} is no port`)
}

function addressOf(text: string, family: Family): string {
  if (familyOf(text) === family) return canonicalIp(text)
  throw new TsnetError('invalid-address', `write firewall rule: "${text}" is no IPv${family} address`)
}

function subnetOf(text: string, family: Family): string {
  const cidr = parseCidr(text)
  if (cidr.family === family) return formatCidr(cidr)
  throw new TsnetError('invalid-subnet', `write firewall rule: "${text}" is no IPv${family} subnet`)
}
