/** Settings of a connection to a network, as `--network name=…` and `network connect` have them. */
import { TsnetError } from '../../errors/error.ts'
import type { EndpointSettings } from '../../runtime/types.ts'
import { nearest } from '../../errors/nearest.ts'
import { parsePairs } from './environment.ts'

const example = 'example: name=blue,ip=10.20.0.9,alias=db,gw-priority=1'
const keys = ['name', 'ip', 'ip6', 'mac-address', 'alias', 'gw-priority', 'driver-opt', 'link-local-ip', 'ingress', 'egress']

/** No network's name has an equals sign. */
export function isLongForm(text: string): boolean {
  return text.includes('=')
}

/** `name=a,ip=…,driver-opt=KEY=VALUE`; a part with commas in it goes in double quotes, as Docker has it. @throws invalid-argument */
export function parseLongForm(text: string): EndpointSettings {
  const given = new Map<string, string[]>()
  for (const part of splitQuoted(text)) {
    if (part.startsWith('"')) throw invalid(text, 'a double quote is not closed')
    const [, key = part, value = ''] = /^([^=]*)=([^]*)$/.exec(part) ?? []
    if (!keys.includes(key.toLowerCase())) throw invalid(text, `there is no "${key}"; did you mean ${nearest(key, keys) ?? 'name'}?`)
    given.set(key.toLowerCase(), [...given.get(key.toLowerCase()) ?? [], value])
  }
  const one = (key: string): string | undefined => {
    const values = given.get(key) ?? []
    if (values.length > 1 || values[0] === '') throw invalid(text, `"${key}" is given ${values.length > 1 ? 'twice' : 'without a value'}`)
    return values[0]
  }
  const network = one('name')
  if (network === undefined) throw invalid(text, 'the name of the network is missing')
  const rates = (['ingress', 'egress'] as const).flatMap(key => one(key) === undefined ? [] : [`${key}=${one(key) ?? ''}`])
  return endpointSettings(network, {
    ip: one('ip'), ip6: one('ip6'), mac: one('mac-address'), gwPriority: one('gw-priority'), alias: given.get('alias'),
    driverOpt: given.get('driver-opt'), linkLocalIp: given.get('link-local-ip'),
    bandwidth: rates.length === 0 ? undefined : rates.join(','),
  })
}

/** As commander gives them, or the long form. */
export interface EndpointFlags {
  readonly ip?: string | undefined
  readonly ip6?: string | undefined
  readonly mac?: string | undefined
  readonly gwPriority?: string | undefined
  readonly alias?: readonly string[] | undefined
  readonly driverOpt?: readonly string[] | undefined
  readonly linkLocalIp?: readonly string[] | undefined
  /** `ingress=RATE,egress=RATE` */
  readonly bandwidth?: string | undefined
}

/** @throws invalid-argument */
export function endpointSettings(network: string, flags: EndpointFlags): EndpointSettings {
  const { ip, ip6, mac, gwPriority, alias, driverOpt, linkLocalIp } = flags
  const options = { ...parsePairs(driverOpt ?? [], 'driver option'), ...bandwidthOptions(flags.bandwidth) }
  return {
    network: network === 'default' ? 'bridge' : network,
    ...ip === undefined ? {} : { ip }, ...ip6 === undefined ? {} : { ip6 }, ...mac === undefined ? {} : { mac },
    ...linkLocalIp === undefined ? {} : { linkLocal: linkLocalIp },
    ...gwPriority === undefined ? {} : { gwPriority: parsePriority(gwPriority) },
    ...alias === undefined ? {} : { aliases: alias },
    ...Object.keys(options).length === 0 ? {} : { driverOptions: options },
  }
}

/** `ingress=100mbit,egress=20mbit/256k` as the driver's options, which say what a rate is. @throws invalid-argument */
export function bandwidthOptions(text: string | undefined): Readonly<Record<string, string>> {
  const options: Record<string, string> = {}
  for (const part of text?.split(',') ?? []) {
    const refuse = (reason: string): TsnetError =>
      new TsnetError('invalid-argument', `bandwidth "${part}": ${reason}; example: ingress=100mbit,egress=20mbit`)
    const [, direction, rate] = /^(ingress|egress)=(.+)$/.exec(part) ?? []
    if (direction === undefined || rate === undefined) throw refuse('it is neither ingress=RATE nor egress=RATE')
    const name = `tsnet.bandwidth.${direction}`
    if (options[name] !== undefined) throw refuse(`${direction} is given twice`)
    options[name] = rate
  }
  return options
}

function parsePriority(text: string): number {
  if (/^-?\d{1,9}$/.test(text)) return Number(text)
  throw new TsnetError('invalid-argument', `gw-priority "${text}": it is no whole number of at most nine digits; the network with the highest is the default gateway`)
}

/** Parts at commas, but for those inside double quotes, which stand around whole parts and are written twice to be meant. */
function splitQuoted(text: string): readonly string[] {
  const parts = text.match(/"(?:[^"]|"")*"(?=,|$)|[^,]+/g) ?? []
  return parts.map(part => part.startsWith('"') && part.endsWith('"') && part.length > 1 ? part.slice(1, -1).replaceAll('""', '"') : part)
}

function invalid(text: string, reason: string): TsnetError {
  return new TsnetError('invalid-argument', `--network "${text}": ${reason}; ${example}`)
}
