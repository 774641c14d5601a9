/** `-p [HOSTIP:][HOSTPORT[-LAST]:]PORT[-LAST][/PROTOCOL]`, as Docker reads it. */
import { isIP } from 'node:net'
import type { PortRequest } from '../../cnm/types.ts'
import { TsnetError } from '../../errors/error.ts'
import type { PortRange, Protocol } from '../../objects/firewall.ts'

const examples = 'examples: 8080:80, 127.0.0.1:8080:80/tcp, 8000-8010:8000-8010, 53:53/udp, 80, [::1]:8080:80'
const protocols: readonly string[] = ['tcp', 'udp', 'sctp']

/** @throws invalid-port */
export function parsePort(text: string): PortRequest {
  const refuse = refusal('publish', text, examples)
  const { protocol, address } = splitProtocol(text, refuse)
  const { hostIp, ports } = splitHostIp(address, refuse)
  const parts = ports.split(':')
  if (parts.length > 2) throw refuse('it has too many parts (an IPv6 address is written in brackets)')
  const container = parseRange(parts.at(-1) ?? '', refuse)
  const hostText = parts.length === 2 ? parts[0] ?? '' : ''
  // 0 asks for a port of tsnet's choice, as an empty one does.
  const host = hostText === '' || hostText === '0' ? undefined : parseRange(hostText, refuse)
  if (host !== undefined) checkLengths(host, container, refuse)
  return { protocol, container, ...hostIp === undefined ? {} : { hostIp }, ...host === undefined ? {} : { host } }
}

/** `--expose PORT[-LAST][/PROTOCOL]`: each port of it, as `80/tcp`. @throws invalid-port */
export function parseExposed(text: string): readonly string[] {
  const refuse = refusal('expose', text, 'examples: 80, 53/udp, 8000-8010')
  const { protocol, address } = splitProtocol(text, refuse)
  const { first, last } = parseRange(address, refuse)
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`)
}

type Refuse = (reason: string) => TsnetError

function refusal(operation: string, text: string, hint: string): Refuse {
  return reason => new TsnetError('invalid-port', `${operation} "${text}": ${reason}; ${hint}`, { data: { port: text } })
}

function splitProtocol(text: string, refuse: Refuse): { readonly protocol: Protocol, readonly address: string } {
  const slash = text.indexOf('/')
  const name = slash < 0 ? 'tcp' : text.slice(slash + 1).toLowerCase()
  if (!isProtocol(name)) throw refuse(`"${name}" is no protocol (tcp, udp, sctp)`)
  return { protocol: name, address: slash < 0 ? text : text.slice(0, slash) }
}

function isProtocol(name: string): name is Protocol {
  return protocols.includes(name)
}

function splitHostIp(address: string, refuse: Refuse): { readonly hostIp?: string, readonly ports: string } {
  const bracketed = /^\[([^\]]*)\]:(.*)$/.exec(address)
  if (bracketed !== null) {
    const [, ip = '', ports = ''] = bracketed
    if (isIP(ip) !== 6) throw refuse(`"${ip}" is no IPv6 address`)
    if (/^ff/i.test(ip)) throw refuse(`"${ip}" is a group address, which no host has`)
    return { hostIp: ip, ports }
  }
  if (address.startsWith('[')) throw refuse('an IPv6 address ends with "]:"')
  const parts = address.split(':')
  if (parts.length !== 3) return { ports: address }
  const [ip = '', ...ports] = parts
  if (ip === '') return { ports: ports.join(':') }
  if (isIP(ip) !== 4) throw refuse(`"${ip}" is no IPv4 address (an IPv6 address is written in brackets)`)
  if (Number(ip.split('.', 1)[0]) >= 224) throw refuse(`"${ip}" is a group address, which no host has`)
  return { hostIp: ip, ports: ports.join(':') }
}

function parseRange(range: string, refuse: Refuse): PortRange {
  const [first = '', last = first, ...rest] = range.split('-')
  if (range === '') throw refuse('the container port is missing')
  if (rest.length > 0) throw refuse(`"${range}" is no port or range`)
  const parsed = { first: parseNumber(first, refuse), last: parseNumber(last, refuse) }
  if (parsed.last < parsed.first) throw refuse(`the range "${range}" runs backwards`)
  return parsed
}

function parseNumber(digits: string, refuse: Refuse): number {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0
  if (port < 1 || port > 65535) throw refuse(`"${digits}" is no port between 1 and 65535`)
  return port
}

function checkLengths(host: PortRange, container: PortRange, refuse: Refuse): void {
  const isSingle = container.first === container.last
  if (isSingle || host.last - host.first === container.last - container.first) return
  throw refuse(`the ranges differ in length (${host.last - host.first + 1} and ${container.last - container.first + 1} ports)`)
}
