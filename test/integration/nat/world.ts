/**
 * Two networks with containers, made by hand, so that only the firewall is under test:
 *
 *     br-a 172.30.1.1/24 fd01::1/64     a1 .2   a2 .3
 *     br-b 172.30.2.1/24 fd02::1/64     b1 .2
 *
 * Every container answers on ports 80 and 31005 (tcp and udp, both families) with the address it sees the client under.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FirewallObject, IsolationObject, MasqueradeObject, PublishObject } from '../../../objects/firewall.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { Namespace } from '../../helpers/namespace.ts'

const ASK = fileURLToPath(new URL('./ask.fixture.ts', import.meta.url))

export interface World extends AsyncDisposable {
  readonly host: FakeHost
  readonly a1: Namespace
  readonly a2: Namespace
  readonly b1: Namespace
}

export const families = [4, 6] as const
export const HOST = { 4: '192.0.2.1', 6: '2001:db8::1' } as const
export const OUTSIDE = { 4: '192.0.2.2', 6: '2001:db8::2' } as const
export const A1 = { 4: '172.30.1.2', 6: 'fd01::2' } as const
export const gatewayOf = { 'br-a': { 4: '172.30.1.1', 6: 'fd01::1' }, 'br-b': { 4: '172.30.2.1', 6: 'fd02::1' } } as const
const subnetOf = { 'br-a': { 4: '172.30.1.0/24', 6: 'fd01::/64' }, 'br-b': { 4: '172.30.2.0/24', 6: 'fd02::/64' } } as const
export type Bridge = keyof typeof gatewayOf

export async function createWorld(): Promise<World> {
  const stack = new AsyncDisposableStack()
  const host = stack.use(await FakeHost.create())
  sysctl('net/ipv4/ip_forward', '1')
  sysctl('net/ipv6/conf/all/forwarding', '1')
  // [::1] cannot be published where bridged IPv6 goes through ip6tables.
  sysctl('net/bridge/bridge-nf-call-ip6tables', '0')
  for (const bridge of ['br-a', 'br-b'] as const) {
    await host.run('ip', 'link', 'add', bridge, 'type', 'bridge')
    stack.defer(async () => { await host.run('ip', 'link', 'del', bridge) })
    await host.run('ip', 'addr', 'add', `${gatewayOf[bridge][4]}/24`, 'dev', bridge)
    await host.run('ip', 'addr', 'add', `${gatewayOf[bridge][6]}/64`, 'dev', bridge, 'nodad')
    await host.run('ip', 'link', 'set', bridge, 'up')
    sysctl(`net/ipv4/conf/${bridge}/route_localnet`, '1')
  }
  await host.run('ip', '-6', 'route', 'add', 'local', '::1', 'dev', 'br-a', 'table', 'local', 'metric', '5000')
  const add = (name: string, bridge: Bridge, last: number) => addContainer(stack, host, { name, bridge, last })
  const [a1, a2, b1] = [await add('a1', 'br-a', 2), await add('a2', 'br-a', 3), await add('b1', 'br-b', 2)]
  return { host, a1, a2, b1, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** Longer than any answer takes on a machine that has much else to do; and how long silence is listened to. */
const LONG_MS = 30_000
const SILENCE_MS = 800

/** What the server at an address and port answers a client in `from`: the client's address as it sees it; `none` where it never does. */
export function ask(from: Namespace, protocol: 'tcp' | 'udp', address: string, port: number): Promise<string> {
  return from.run(process.execPath, ASK, protocol, address, String(port), String(LONG_MS))
}

/** The same where no answer is expected: it is not waited for as long. */
export function askInVain(from: Namespace, protocol: 'tcp' | 'udp', address: string, port: number): Promise<string> {
  return from.run(process.execPath, ASK, protocol, address, String(port), String(SILENCE_MS))
}

export const isolation = (bridge: Bridge, family: 4 | 6, options: Partial<IsolationObject> = {}): IsolationObject => ({
  kind: 'isolation', family, bridge, subnets: [subnetOf[bridge][family]], gateways: [gatewayOf[bridge][family]], icc: true, internal: false, mode: 'nat',
  ...options,
})

export const masquerade = (bridge: Bridge, family: 4 | 6): MasqueradeObject => ({ kind: 'masquerade', family, bridge, subnet: subnetOf[bridge][family] })

export function network(bridge: Bridge, options: Partial<IsolationObject> = {}): readonly FirewallObject[] {
  return families.flatMap(family => [isolation(bridge, family, options), masquerade(bridge, family)])
}

/** Host port to port 80 of a1. */
export function publish(family: 4 | 6, port: number, options: Partial<PublishObject> = {}): PublishObject {
  return {
    kind: 'publish', family, bridge: 'br-a', protocol: 'tcp', host: { first: port, last: port },
    containerIp: family === 4 ? '172.30.1.2' : 'fd01::2', container: { first: 80, last: 80 }, ...options,
  }
}

export function sysctl(key: string, value: string): void {
  writeFileSync(`/proc/sys/${key}`, value)
}

async function addContainer(
  stack: AsyncDisposableStack, host: FakeHost, { name, bridge, last }: { name: string, bridge: Bridge, last: number },
): Promise<Namespace> {
  await host.run('ip', 'netns', 'add', name)
  stack.defer(async () => { await host.run('ip', 'netns', 'del', name) })
  const container = stack.use(new Namespace(name, `/run/netns/${name}`))
  await host.run('ip', 'link', 'add', `v-${name}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
  await host.run('ip', 'link', 'set', `v-${name}`, 'master', bridge, 'up')
  await host.run('bridge', 'link', 'set', 'dev', `v-${name}`, 'hairpin', 'on')
  await container.run('ip', 'link', 'set', 'lo', 'up')
  await container.run('ip', 'link', 'set', 'eth0', 'up')
  await container.run('ip', 'addr', 'add', `${gatewayOf[bridge][4].replace(/1$/, String(last))}/24`, 'dev', 'eth0')
  await container.run('ip', 'addr', 'add', `${gatewayOf[bridge][6].replace(/1$/, String(last))}/64`, 'dev', 'eth0', 'nodad')
  await container.run('ip', 'route', 'add', 'default', 'via', gatewayOf[bridge][4])
  await container.run('ip', '-6', 'route', 'add', 'default', 'via', gatewayOf[bridge][6])
  for (const port of [80, 31_005]) await Promise.all([container.serveTcp(port), container.serveUdp(port)])
  return container
}

/** Runs `body` while the outside has a route to the containers of br-a. */
export async function routeFromOutside({ host }: World, body: () => Promise<void>): Promise<void> {
  await host.outside.run('ip', 'route', 'add', '172.30.1.0/24', 'via', HOST[4])
  await host.outside.run('ip', '-6', 'route', 'add', 'fd01::/64', 'via', HOST[6])
  try {
    await body()
  } finally {
    await host.outside.run('ip', 'route', 'del', '172.30.1.0/24')
    await host.outside.run('ip', '-6', 'route', 'del', 'fd01::/64')
  }
}
