/**
 * One host with a network for each variant, all at once, as they would be on a real one: on each network a container that serves two
 * ports (the first is published) and a second member; one more container on another network; a machine outside, and one beside.
 */
import { fileURLToPath } from 'node:url'
import { writeFileSync } from 'node:fs'
import type { SandboxId } from '../../../cnm/types.ts'
import type { BackendName } from '../../../nat/firewall.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { type Lab, newSandboxId, openLab } from '../cnm/lab.ts'
import { type Origin, type Target, type Variant, neighbourLink, targets, variants } from './expected.ts'
import type { Probe } from './probe.fixture.ts'

const SERVE = fileURLToPath(new URL('./serve.fixture.ts', import.meta.url))
const PROBE = fileURLToPath(new URL('./probe.fixture.ts', import.meta.url))
const PUBLISHED = 80
const UNPUBLISHED = 81
const FIRST_HOST_PORT = 8080

export type Family = 4 | 6
export const families = [4, 6] as const
export const protocols = ['tcp', 'udp'] as const

type Addresses = Readonly<Record<Family, string>>

interface Member { readonly inside: Namespace, readonly addresses: Addresses }
interface Site { readonly variant: Variant, readonly web: Member, readonly peer: Member, readonly hostPort: number }

/** The host, as each origin addresses it. */
const HOST: Readonly<Record<Origin, Addresses>> = {
  'outside': { 4: '192.0.2.1', 6: '2001:db8::1' }, 'neighbour': { 4: '198.51.100.1', 6: '2001:db8:100::1' },
  'other network': { 4: '192.0.2.1', 6: '2001:db8::1' }, 'same network': { 4: '192.0.2.1', 6: '2001:db8::1' },
  'host': { 4: '192.0.2.1', 6: '2001:db8::1' }, 'loopback': { 4: '127.0.0.1', 6: '::1' },
}

/** The machines beside the host, which have addresses of their own. */
export const machines: Readonly<Partial<Record<Origin, Addresses>>> = {
  outside: { 4: '192.0.2.2', 6: '2001:db8::2' }, neighbour: { 4: '198.51.100.2', 6: '2001:db8:100::2' },
}

export class Scene implements AsyncDisposable {
  readonly host: FakeHost
  readonly #sites: readonly Site[]
  readonly #namespaces: Readonly<Record<Exclude<Origin, 'same network'>, Namespace>>
  readonly #stack: AsyncDisposableStack

  private constructor(host: FakeHost, parts: { sites: readonly Site[], other: Namespace, neighbour: Namespace, stack: AsyncDisposableStack }) {
    this.host = host
    this.#sites = parts.sites
    this.#namespaces = { 'outside': host.outside, 'neighbour': parts.neighbour, 'other network': parts.other, 'host': host, 'loopback': host }
    this.#stack = parts.stack
  }

  static async create(backend: BackendName): Promise<Scene> {
    await using stack = new AsyncDisposableStack()
    // Where bridged packets pass ip6tables, the kernel gives no way from [::1].
    writeFileSync('/proc/sys/net/bridge/bridge-nf-call-ip6tables', '0')
    const host = stack.use(await FakeHost.create())
    const neighbour = await host.neighbour('lan', { link: neighbourLink, addresses: [
      { host: '198.51.100.1/24', neighbour: '198.51.100.2/24' }, { host: '2001:db8:100::1/64', neighbour: '2001:db8:100::2/64' },
    ] })
    const lab = stack.use(openLab({ ...host.roots, backend }))
    const sites: Site[] = []
    for (const [index, variant] of variants.entries()) sites.push(await addSite(stack, lab, { variant, index }))
    await addNetwork(stack, lab, { name: 'elsewhere', options: {} })
    const other = await addMember(stack, lab, { network: 'elsewhere', name: 'other' })
    for (const { web } of sites) {
      await neighbour.run('ip', 'route', 'add', web.addresses[4], 'via', HOST.neighbour[4])
      await neighbour.run('ip', 'route', 'add', web.addresses[6], 'via', HOST.neighbour[6])
    }
    await Promise.all(sites.map(({ web }) => serve(web.inside)))
    return new Scene(host, { sites, other: other.inside, neighbour, stack: stack.move() })
  }

  /**
   * Asks from one origin for every target of every variant; by `keyOf`, the address that the container saw the client under, null where no
   * answer came.
   */
  async ask(origin: Origin, patienceMs: number, wanted: (key: string) => boolean = () => true): Promise<ReadonlyMap<string, string | null>> {
    const all = this.#sites.flatMap(site => families.flatMap(family => protocols.flatMap(protocol => targetsOf(origin).map(target => ({
      key: keyOf({ variant: site.variant, origin, family, protocol, target }), site, probe: probeOf(site, { origin, family, protocol, target }),
    }))))).filter(({ key }) => wanted(key))
    const byPlace = Map.groupBy(all, ({ site }) => origin === 'same network' ? site.peer.inside : this.#namespaces[origin])
    const answers = await Promise.all([...byPlace].map(async ([place, cases]) => {
      const text = await place.run(process.execPath, PROBE, String(patienceMs), JSON.stringify(cases.map(({ probe }) => probe)))
      return (JSON.parse(text) as readonly (string | null)[]).map((answer, i) => [cases[i]?.key ?? '', answer] as const)
    }))
    return new Map(answers.flat())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
    writeFileSync('/proc/sys/net/bridge/bridge-nf-call-ip6tables', '1')
  }
}

export interface Case {
  readonly variant: Variant
  readonly origin: Origin
  readonly family: Family
  readonly protocol: 'tcp' | 'udp'
  readonly target: Target
}

export function keyOf({ variant, origin, family, protocol, target }: Case): string {
  return [variant.title, origin, family, protocol, target].join(' | ')
}

export function targetsOf(origin: Origin): readonly Target[] {
  return origin === 'loopback' ? ['published'] : Object.keys(targets) as readonly Target[]
}

function probeOf({ web, hostPort }: Site, { origin, family, protocol, target }: Omit<Case, 'variant'>): Probe {
  if (target === 'published') return { protocol, address: HOST[origin][family], port: hostPort }
  return { protocol, address: web.addresses[family], port: target === 'direct' ? PUBLISHED : UNPUBLISHED }
}

async function addSite(stack: AsyncDisposableStack, lab: Lab, { variant, index }: { variant: Variant, index: number }): Promise<Site> {
  const network = `net${index}`
  await addNetwork(stack, lab, { name: network, options: variant.options, internal: variant.internal ?? false })
  const hostPort = FIRST_HOST_PORT + index
  const web = await addMember(stack, lab, { network, name: `web${index}`, hostPort })
  return { variant, web, peer: await addMember(stack, lab, { network, name: `peer${index}` }), hostPort }
}

interface NetworkWish { readonly name: string, readonly options: Readonly<Record<string, string>>, readonly internal?: boolean }

async function addNetwork(stack: AsyncDisposableStack, { controller }: Lab, wish: NetworkWish): Promise<void> {
  await controller.createNetwork({ ...wish, enableIPv6: true })
  stack.defer(async () => { await controller.deleteNetwork(wish.name) })
}

interface MemberWish { readonly network: string, readonly name: string, readonly hostPort?: number }

async function addMember(stack: AsyncDisposableStack, { controller, ports }: Lab, { network, name, hostPort }: MemberWish): Promise<Member> {
  const id: SandboxId = newSandboxId()
  const published = hostPort === undefined ? [] : protocols.map(protocol =>
    ({ protocol, host: { first: hostPort, last: hostPort }, container: { first: PUBLISHED, last: PUBLISHED } }))
  const made = await controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network, name, ports: published }] })
  stack.defer(async () => {
    ports.release(made.heldPorts)
    await controller.deleteSandbox(id)
  })
  const address = (family: Family): string => made.endpoints[0]?.endpoint.addresses.find(one => one.family === family)?.cidr.split('/')[0] ?? ''
  return { inside: stack.use(new Namespace(name, made.sandbox.netns)), addresses: { 4: address(4), 6: address(6) } }
}

async function serve(inside: Namespace): Promise<void> {
  const child = inside.spawn([process.execPath, SERVE, String(PUBLISHED), String(UNPUBLISHED)], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve, reject) => {
    child.stdout?.once('data', resolve)
    child.once('exit', () => reject(new Error(`no server in ${inside.name}`)))
  })
}
