/**
 * What a container can make others believe: frames made by hand inside one container, and a look in another at which of them arrive. With
 * either firewall backend, and without protection as well, so that the observer is known to see.
 */
import test, { type ExecutionContext } from 'ava'
import { linkLocalOfMac } from '../../../address/mac.ts'
import type { Connection } from '../../../cnm/controller-api.ts'
import type { SandboxId } from '../../../cnm/types.ts'
import type { BackendName } from '../../../nat/firewall.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { ETHERNET_BROADCAST, type Station, arp, ethernet, neighbour, tagged, udp4, udp6 } from '../../helpers/frames.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { type Volley, arrivals } from '../../helpers/wire.ts'
import { type Lab, newSandboxId, openLab } from './lab.ts'

const except = [/files: .*(tsnet\.db|\/owners\/|\/netns\/$)/, /fds: /, /cgroups: /, /: .*fe80::/]
const needs = (t: ExecutionContext): boolean => requires.root(t) && requires.tool(t, 'nft') && requires.tool(t, 'iptables-save')

interface Member extends Station { readonly id: SandboxId, readonly inside: Namespace }

interface Scene extends AsyncDisposable {
  readonly host: FakeHost
  readonly lab: Lab
  readonly mallory: Member
  readonly alice: Member
  readonly bob: Member
}

/** A dual-stack network with three members; alice's MAC is one that was asked for. */
async function openScene(backend: BackendName, options: Readonly<Record<string, string>> = {}): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const host = stack.use(await FakeHost.create())
  const lab = stack.use(openLab({ ...host.roots, backend }))
  await lab.controller.createNetwork({ name: 'red', enableIPv6: true, options })
  stack.defer(async () => { await lab.controller.deleteNetwork('red') })
  const add = async (name: string, mac?: string): Promise<Member> => {
    const id = newSandboxId()
    const made = await lab.controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'red', name, ...mac === undefined ? {} : { mac } }] })
    stack.defer(() => lab.controller.deleteSandbox(id))
    return { id, inside: stack.use(new Namespace(name, made.sandbox.netns)), ...stationOf(onlyOne(made.endpoints)) }
  }
  const scene = { host, lab, mallory: await add('mallory'), alice: await add('alice', '02:00:00:00:0a:11'), bob: await add('bob') }
  const owned = stack.move()
  return { ...scene, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

function onlyOne<T>([one]: readonly T[]): T {
  if (one === undefined) throw new Error('there is none')
  return one
}

function stationOf({ endpoint }: Pick<Connection, 'endpoint'>): Station {
  const address = (family: 4 | 6): string => endpoint.addresses.find(one => one.family === family)?.cidr.split('/')[0] ?? ''
  return { mac: endpoint.mac, v4: address(4), v6: address(6) }
}

const IPV4 = 0x0800
const ARP = 0x0806
const IPV6 = 0x86dd
/** For experiments (IEEE 802). */
const UNKNOWN = 0x88b5
const w = (word: string): string => `<${word}>`

/** What mallory may say. */
function truthful(me: Station, to: Station): Readonly<Record<string, Buffer>> {
  const linkLocal = linkLocalOfMac(me.mac)
  return {
    'ipv4': ethernet(me.mac, to.mac, IPV4, udp4(me.v4, to.v4, w('ipv4'))),
    'ipv6': ethernet(me.mac, to.mac, IPV6, udp6(me.v6, to.v6, w('ipv6'))),
    'ipv6 link-local': ethernet(me.mac, to.mac, IPV6, udp6(linkLocal, to.v6, w('ipv6 link-local'))),
    'arp': ethernet(me.mac, ETHERNET_BROADCAST, ARP, arp(1, { mac: me.mac, ip: me.v4 }, to.v4, w('arp'))),
    'arp probe': ethernet(me.mac, ETHERNET_BROADCAST, ARP, arp(1, { mac: me.mac, ip: '0.0.0.0' }, me.v4, w('arp probe'))),
    'advertisement': ethernet(me.mac, to.mac, IPV6, neighbour(136, me.v6, to.v6, { target: me.v6, word: w('advertisement') })),
    'solicitation': ethernet(me.mac, to.mac, IPV6, neighbour(135, me.v6, to.v6, { target: to.v6, word: w('solicitation') })),
    'duplicate detection': ethernet(me.mac, to.mac, IPV6, neighbour(135, '::', 'ff02::1', { target: me.v6, word: w('duplicate detection') })),
    'no IP': ethernet(me.mac, to.mac, UNKNOWN, Buffer.from(w('no IP'))),
  }
}

/** What mallory may not, `other` being the one it pretends to be. */
function lies(me: Station, other: Station, to: Station, gateway: { readonly v4: string }): Readonly<Record<string, Buffer>> {
  const otherLinkLocal = linkLocalOfMac(other.mac)
  const of4 = (from: string, word: string): Buffer => ethernet(me.mac, to.mac, IPV4, udp4(from, to.v4, w(word)))
  const of6 = (from: string, word: string): Buffer => ethernet(me.mac, to.mac, IPV6, udp6(from, to.v6, w(word)))
  const arpOf = (mac: string, ip: string, word: string): Buffer => ethernet(me.mac, ETHERNET_BROADCAST, ARP, arp(2, { mac, ip }, to.v4, w(word)))
  const nd = (type: 135 | 136, from: string, word: string, behind = false): Buffer =>
    ethernet(me.mac, to.mac, IPV6, neighbour(type, from, to.v6, { target: other.v6, word: w(word), behind }))
  return {
    'ipv4 of another': of4(other.v4, 'ipv4 of another'),
    'ipv4 of the gateway': of4(gateway.v4, 'ipv4 of the gateway'),
    'ipv4 of a stranger': of4('198.51.100.7', 'ipv4 of a stranger'),
    'ipv6 of another': of6(other.v6, 'ipv6 of another'),
    'ipv6 link-local of another': of6(otherLinkLocal, 'ipv6 link-local of another'),
    'ipv6 of a stranger': of6('2001:db8:7::7', 'ipv6 of a stranger'),
    'arp of another': arpOf(me.mac, other.v4, 'arp of another'),
    'arp of the gateway': arpOf(me.mac, gateway.v4, 'arp of the gateway'),
    'arp with the MAC of another': arpOf(other.mac, me.v4, 'arp with the MAC of another'),
    'advertisement of another': nd(136, me.v6, 'advertisement of another'),
    'advertisement behind a header': nd(136, me.v6, 'advertisement behind a header', true),
    'duplicate detection of another': nd(135, '::', 'duplicate detection of another'),
    'MAC of another, ipv4': ethernet(other.mac, to.mac, IPV4, udp4(me.v4, to.v4, w('MAC of another, ipv4'))),
    'MAC of another, arp': ethernet(other.mac, ETHERNET_BROADCAST, ARP, arp(1, { mac: me.mac, ip: me.v4 }, to.v4, w('MAC of another, arp'))),
    'MAC of another, no IP': ethernet(other.mac, to.mac, UNKNOWN, Buffer.from(w('MAC of another, no IP'))),
    'ipv4 of another behind a tag': tagged(of4(other.v4, 'ipv4 of another behind a tag'), 0),
    'ipv4 of another behind two tags': tagged(tagged(of4(other.v4, 'ipv4 of another behind two tags'), 0), 0),
    'ipv4 of another behind two kinds of tags': tagged(tagged(of4(other.v4, 'ipv4 of another behind two kinds of tags'), 0), 0, 0x88a8),
  }
}

interface Outcome { readonly honest: readonly string[], readonly dishonest: readonly string[], readonly seen: readonly string[] }

/** Everything that mallory may say and may not, on one network, and what of it bob gets. */
async function volley({ lab, mallory, alice, bob }: Scene, network = 'red', link = 'eth0'): Promise<Outcome> {
  const gateway = { v4: lab.controller.getNetwork(network).subnets[0]?.gateway ?? '' }
  const honest = truthful(mallory, bob)
  const dishonest = lies(mallory, alice, bob, gateway)
  const frames: Volley = {
    frames: { ...dishonest, ...honest }, end: ethernet(mallory.mac, bob.mac, IPV4, udp4(mallory.v4, bob.v4, '<<end>>')), endWord: '<<end>>',
  }
  const seen = await arrivals(mallory.inside, bob.inside, frames, link)
  return { honest: Object.keys(honest), dishonest: Object.keys(dishonest), seen }
}

for (const backend of ['iptables', 'nftables'] as const) {
  test.serial(`${backend}: a container sends with its own MAC and addresses, and with no other`, async t => {
    if (!needs(t)) return
    await using scene = await openScene(backend)
    const { honest, seen } = await volley(scene)
    t.deepEqual(seen, honest)
    const fdb = await scene.host.json<readonly { readonly mac: string, readonly ifname: string }[]>('bridge', '-j', 'fdb', 'show', 'dynamic')
    const [port] = scene.lab.controller.listEndpoints({ sandboxId: scene.mallory.id })
    t.deepEqual(fdb.filter(({ mac, ifname }) => mac === scene.alice.mac && ifname === port?.hostInterface), [], 'the bridge has learned nothing')
    for (const address of [scene.bob.v4, scene.bob.v6]) t.true(await scene.mallory.inside.reaches(address))
  })

  test.serial(`${backend}: where the network has tsnet.anti_spoofing=false, all of it arrives`, async t => {
    if (!needs(t)) return
    await using scene = await openScene(backend, { 'tsnet.anti_spoofing': 'false' })
    const { honest, dishonest, seen } = await volley(scene)
    t.deepEqual(seen, [...dishonest, ...honest])
  })

  test.serial(`${backend}: on a network that a running container is connected to it is kept to its addresses there, and nothing stays when it leaves`, async t => {
    if (!needs(t)) return
    await using scene = await openScene(backend)
    const { host, lab } = scene
    await lab.controller.createNetwork({ name: 'blue', enableIPv6: true })
    const before = await host.snapshot()
    const join = async (member: Member, name: string): Promise<Member> => {
      const connection = await lab.controller.connect(member.id, { network: 'blue', name })
      return { ...member, ...stationOf(connection) }
    }
    const onBlue = { ...scene, mallory: await join(scene.mallory, 'mallory'), alice: await join(scene.alice, 'alice'), bob: await join(scene.bob, 'bob') }
    const { honest, seen } = await volley(onBlue, 'blue', 'eth1')
    t.deepEqual(seen, honest)
    const { honest: still, seen: seenOnRed } = await volley(scene)
    t.deepEqual(seenOnRed, still)
    for (const { id } of [scene.mallory, scene.alice, scene.bob]) await lab.controller.disconnect(id, 'blue')
    await host.assertAsBefore(before, { except })
    await lab.controller.deleteNetwork('blue')
  })

  test.serial(`${backend}: what another program flushed is repaired`, async t => {
    if (!needs(t)) return
    await using scene = await openScene(backend)
    const { host, lab } = scene
    const before = await host.snapshot()
    for (const flush of ['delete table bridge tsnet', 'flush chain bridge tsnet sources', 'flush map bridge tsnet ports']) {
      await host.run('nft', flush)
      const { honest, dishonest, seen } = await volley(scene)
      t.deepEqual(seen, [...dishonest, ...honest], flush)
      await lab.controller.recover({ repair: true })
      await host.assertAsBefore(before, { except })
      t.deepEqual((await volley(scene)).seen, honest, flush)
    }
    const file = `${host.roots.root}/nftables.conf`
    // Rules that iptables made are nft's to list, not to make.
    const [list, flush] = backend === 'nftables' ? ['list ruleset', 'flush ruleset'] : ['list table bridge tsnet', 'delete table bridge tsnet']
    await host.run('sh', '-c', `nft ${list} >${file} && nft ${flush} && nft -f ${file}; rm ${file}`)
    await host.assertAsBefore(before, { except })
    const { honest, seen } = await volley(scene)
    t.deepEqual(seen, honest, 'as nft lists it, nft takes it back')
    await host.run('nft', 'flush set bridge tsnet ipv4; flush set bridge tsnet own-ipv4')
    t.false(await scene.mallory.inside.reaches(scene.bob.v4))
    await lab.controller.recover({ repair: true })
    await host.assertAsBefore(before, { except })
    t.true(await scene.mallory.inside.reaches(scene.bob.v4))
  })
}
