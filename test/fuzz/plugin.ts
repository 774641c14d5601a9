/**
 * Requests of dockerd, damaged at random: a field is left out, of another type, of another value, huge or from elsewhere; a request comes
 * twice, cut off, or in the wrong order. The plugin must answer each, must not fail by itself, and what it says it did must be there.
 */
import { Ajv, type ValidateFunction } from 'ajv'
import { answers } from '../../plugin-api/answers.ts'
import type { EndpointId } from '../../cnm/types.ts'
import type { Call } from '../../plugin-api/requests.ts'
import type { Answer, PluginClient } from '../helpers/plugin-client.ts'

type Random = (n: number) => number
type Json = Readonly<Record<string, unknown>>

/** A generator of numbers below `n` that gives the same ones for the same seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  return n => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ state >>> 15, state | 1)
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61)
    return ((mixed ^ mixed >>> 14) >>> 0) % n
  }
}

const network = (n: number): string => `${n}`.padStart(64, 'a')
const endpoint = (n: number): string => `${n}`.padEnd(64, 'b')
const portmap = [{ Proto: 6, IP: '', Port: 80, HostIP: '', HostPort: 18_080, HostPortEnd: 18_080 }]

/** What dockerd sends in its order, for network and endpoint n. */
function script(n: number): readonly (readonly [Call, Json])[] {
  const ids = { NetworkID: network(n), EndpointID: endpoint(n) }
  const pool = `10.90.${n}.0/24`
  const PoolID = `TsnetLocal/${pool}`
  const portOptions = { Options: { 'com.docker.network.portmap': portmap, 'com.docker.network.endpoint.exposedports': [{ Proto: 6, Port: 80 }] } }
  return [
    ['Plugin.Activate', {}], ['NetworkDriver.GetCapabilities', {}], ['IpamDriver.GetDefaultAddressSpaces', {}],
    ['NetworkDriver.GwAllocCheck', { Options: { 'com.docker.network.generic': {} } }],
    ['IpamDriver.RequestPool', { AddressSpace: 'TsnetLocal', Pool: pool, SubPool: '', Options: null, V6: false }],
    ['IpamDriver.RequestAddress', { PoolID, Address: '', Options: { RequestAddressType: 'com.docker.network.gateway' } }],
    ['NetworkDriver.CreateNetwork', {
      NetworkID: network(n), Options: { 'com.docker.network.enable_ipv6': false, 'com.docker.network.generic': { 'com.docker.network.driver.mtu': '1400' } },
      IPv4Data: [{ AddressSpace: 'TsnetLocal', Pool: pool, Gateway: `10.90.${n}.1/24`, AuxAddresses: {} }], IPv6Data: [],
    }],
    ['IpamDriver.RequestAddress', { PoolID, Address: '', Options: null }],
    ['NetworkDriver.CreateEndpoint', { ...ids, Interface: { Address: `10.90.${n}.2/24`, AddressIPv6: '', MacAddress: '' }, Options: {} }],
    ['NetworkDriver.Join', { ...ids, SandboxKey: `/var/run/docker/netns/${n}`, ...portOptions }],
    ['NetworkDriver.ProgramExternalConnectivity', { ...ids, ...portOptions }],
    ['NetworkDriver.EndpointOperInfo', ids], ['NetworkDriver.DiscoverNew', { DiscoveryType: 1, DiscoveryData: { Address: '10.0.0.1' } }],
    ['NetworkDriver.RevokeExternalConnectivity', ids], ['NetworkDriver.Leave', ids], ['NetworkDriver.DeleteEndpoint', ids],
    ['IpamDriver.ReleaseAddress', { PoolID, Address: `10.90.${n}.2` }], ['IpamDriver.ReleasePool', { PoolID }],
    ['NetworkDriver.DeleteNetwork', { NetworkID: network(n) }],
  ]
}

const strange: readonly unknown[] = [
  null, true, false, 0, -1, 1e308, 65_536, '', ' ', 'x', '\u0000', '../../etc', 'a'.repeat(5000), '💥', '10.0.0.0/33', '::/0', '0.0.0.0/0', '999.1.1.1',
  [], {}, [[]], [null], { a: { b: {} } }, '__proto__', 'constructor', 'fe80::1/64', '224.0.0.0/8', '127.0.0.0/8',
]

/** One place of the value, anywhere in it, made strange, left out, or doubled. */
function damage(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0 || random(4) === 0) return strange[random(strange.length)]
  const keys = Object.keys(value)
  const key = keys[random(keys.length)] ?? ''
  if (Array.isArray(value)) {
    const items = value as readonly unknown[]
    if (random(3) === 0) return [...items, ...items]
    return items.map((item, i) => String(i) === key ? damage(item, random) : item)
  }
  const entries = Object.entries(value as Json)
  if (random(4) === 0) return Object.fromEntries(entries.filter(([name]) => name !== key))
  if (random(6) === 0) return { ...value, [`${key}X`]: strange[random(strange.length)] }
  return Object.fromEntries(entries.map(([name, item]) => [name, name === key ? damage(item, random) : item]))
}

function bodyOf(value: Json, random: Random): string {
  const text = JSON.stringify(value)
  switch (random(10)) {
    case 0: return text.slice(0, random(text.length))
    case 1: return `${text}${text}`
    case 2: return ''
    default: return JSON.stringify(damage(value, random))
  }
}

const ajv = new Ajv({ strict: false })
const validators = new Map<string, ValidateFunction>(Object.entries(answers).map(([call, schema]) => [call, ajv.compile(schema)]))

/** What is wrong with an answer; undefined where nothing is. */
export function complaintOf(call: Call, { status, body }: Answer): string | undefined {
  if (status === 200) {
    const validate = validators.get(call)
    return validate?.(body) === true ? undefined : `a 200 with ${JSON.stringify(body)}`
  }
  if (typeof body['Err'] !== 'string' || body['Err'] === '' || body['Err'] !== body['Error']) return `no Err and Error: ${JSON.stringify(body)}`
  return /internal-error/.test(body['Err']) ? `a failure of its own: ${body['Err']}` : undefined
}

/** What was answered with 200 and is not so. */
async function lieOf({ engine }: PluginClient, call: Call, body: string): Promise<string | undefined> {
  const { NetworkID, EndpointID } = (body === '' ? {} : JSON.parse(body)) as { readonly NetworkID?: string, readonly EndpointID?: string }
  switch (call) {
    case 'NetworkDriver.CreateNetwork': {
      const { objects } = engine.controller.getNetwork(NetworkID ?? '')
      return (await engine.controller.missing(objects)).length > 0 ? 'a network that is not in the kernel' : undefined
    }
    case 'NetworkDriver.Join':
    case 'NetworkDriver.ProgramExternalConnectivity': {
      const objects = engine.foreign.findEndpoint(EndpointID as EndpointId)?.endpoint.objects
      return objects === undefined || (await engine.controller.missing(objects)).length > 0 ? 'an endpoint that is not in the kernel' : undefined
    }
    case 'NetworkDriver.DeleteEndpoint': return engine.foreign.findEndpoint(EndpointID as EndpointId) === undefined ? undefined : 'an endpoint that is still there'
    default: return undefined
  }
}

export interface FuzzResult { readonly accepted: number, readonly complaints: readonly string[] }

/** Sends `count` damaged requests among sound ones, then takes everything away again. */
export async function fuzzPlugin(plugin: PluginClient, count: number, seed: number): Promise<FuzzResult> {
  const random = randomFrom(seed)
  const complaints: string[] = []
  let accepted = 0
  const send = async (call: Call, body: string, note: string): Promise<void> => {
    const answer = await plugin.post(call, body)
    if (answer.status === 200) accepted += 1
    const complaint = complaintOf(call, answer) ?? (answer.status === 200 ? await lieOf(plugin, call, body) : undefined)
    if (complaint !== undefined) complaints.push(`${note} ${call} ${body.slice(0, 500)}: ${complaint}`)
  }
  for (let sent = 0; sent < count;) {
    const steps = script(random(3))
    for (const [call, body] of steps) {
      if (sent >= count) break
      const [otherCall, otherBody] = steps[random(steps.length)] ?? [call, body]
      // Some steps are left out, some are sound, so that the damaged ones meet every state.
      if (random(5) > 0) await send(call, JSON.stringify(body), 'sound')
      await send(random(2) === 0 ? call : otherCall, bodyOf(random(2) === 0 ? body : otherBody, random), `#${sent}`)
      sent += 1
    }
  }
  for (const { id, foreign } of plugin.engine.controller.listNetworks()) if (foreign !== undefined) await plugin.engine.foreign.deleteNetwork(id)
  return { accepted, complaints }
}
