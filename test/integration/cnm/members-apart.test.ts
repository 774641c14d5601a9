/**
 * Members of a network without icc, whatever br_netfilter does to bridged packets: no frame gets from one to another, of whatever kind;
 * the host, the world and published ports stay in reach.
 */
import { writeFileSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import type { SandboxId } from '../../../cnm/types.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { ETHERNET_BROADCAST, type Station, arp, ethernet, neighbour, udp4, udp6 } from '../../helpers/frames.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { arrivals } from '../../helpers/wire.ts'
import { newSandboxId, openLab } from './lab.ts'

const except = [/files: .*(tsnet\.db|\/owners\/|\/netns\/$)/, /fds: /, /cgroups: /, /: .*fe80::/]
const ports = [{ protocol: 'tcp', host: { first: 8080, last: 8080 }, container: { first: 80, last: 80 } }] as const

interface Member extends Station { readonly id: SandboxId, readonly inside: Namespace, readonly port: string }

interface Scene extends AsyncDisposable {
  readonly host: FakeHost
  readonly mallory: Member
  /** Serves port 80, published as 8080. */
  readonly bob: Member
  readonly bridge: Station & { readonly link: string }
}

function setBridgeNetfilter(v4: string, v6: string): void {
  writeFileSync('/proc/sys/net/bridge/bridge-nf-call-iptables', v4)
  writeFileSync('/proc/sys/net/bridge/bridge-nf-call-ip6tables', v6)
}

/** Which bridges of a network the two are on, and how: others take the places before them. */
const placements = {
  'on the first bridge and on a further one': { membersPerBridge: 1, others: 0 },
  'on two further bridges': { membersPerBridge: 1, others: 1 },
  'on one further bridge': { membersPerBridge: 2, others: 2 },
} as const
interface Placement { readonly membersPerBridge?: number, readonly others: number }

async function openScene(
  backend: 'iptables' | 'nftables', options: Readonly<Record<string, string>> = {}, { others, ...size }: Placement = { others: 0 },
): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const host = stack.use(await FakeHost.create())
  const lab = stack.use(openLab({ ...host.roots, backend, ...size }))
  const network = await lab.controller.createNetwork({
    name: 'red', enableIPv6: true, options: { 'com.docker.network.bridge.enable_icc': 'false', ...options },
  })
  stack.defer(async () => { await lab.controller.deleteNetwork('red') })
  const add = async (name: string, published: typeof ports | undefined): Promise<Member> => {
    const id = newSandboxId()
    const made = await lab.controller.createSandbox({
      id, mode: 'bridge', endpoints: [{ network: 'red', name, ...published === undefined ? {} : { ports: published } }],
    })
    stack.defer(async () => {
      lab.ports.release(made.heldPorts)
      await lab.controller.deleteSandbox(id)
    })
    const endpoint = made.endpoints[0]?.endpoint
    const [v4 = '', v6 = ''] = endpoint?.addresses.map(({ cidr }) => cidr.split('/')[0] ?? '') ?? []
    return { id, inside: stack.use(new Namespace(name, made.sandbox.netns)), mac: endpoint?.mac ?? '', v4, v6, port: endpoint?.hostInterface ?? '' }
  }
  for (let n = 1; n <= others; n += 1) await add(`other${n}`, undefined)
  const [mallory, bob] = [await add('mallory', undefined), await add('bob', ports)]
  stack.use(await bob.inside.serveTcp(80, { http: true }))
  const link = network.network.parsed?.bridgeName ?? ''
  const [seen] = await host.json<readonly { readonly address: string }[]>('ip', '-j', 'link', 'show', 'dev', link)
  const [v4 = '', v6 = ''] = network.network.subnets.map(({ gateway }) => gateway ?? '')
  const owned = stack.move()
  return { host, mallory, bob, bridge: { link, mac: seen?.address ?? '', v4, v6 }, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const IPV4 = 0x0800
const ARP = 0x0806
const IPV6 = 0x86dd
const UNKNOWN = 0x88b5
const w = (word: string): string => `<${word}>`

/** What members have to say to each other and to all, truthfully. */
function frames(me: Member, to: Station): Readonly<Record<string, Buffer>> {
  return {
    'ipv4': ethernet(me.mac, to.mac, IPV4, udp4(me.v4, to.v4, w('ipv4'))),
    'ipv6': ethernet(me.mac, to.mac, IPV6, udp6(me.v6, to.v6, w('ipv6'))),
    'no IP': ethernet(me.mac, to.mac, UNKNOWN, Buffer.from(w('no IP'))),
    'ipv4 broadcast': ethernet(me.mac, ETHERNET_BROADCAST, IPV4, udp4(me.v4, '255.255.255.255', w('ipv4 broadcast'))),
    'ipv6 multicast': ethernet(me.mac, Buffer.from('333300000001', 'hex'), IPV6, udp6(me.v6, 'ff02::1', w('ipv6 multicast'))),
    'no IP broadcast': ethernet(me.mac, ETHERNET_BROADCAST, UNKNOWN, Buffer.from(w('no IP broadcast'))),
    'arp': ethernet(me.mac, ETHERNET_BROADCAST, ARP, arp(1, { mac: me.mac, ip: me.v4 }, to.v4, w('arp'))),
    'arp to one': ethernet(me.mac, to.mac, ARP, arp(1, { mac: me.mac, ip: me.v4 }, to.v4, w('arp to one'))),
    'solicitation': ethernet(me.mac, to.mac, IPV6, neighbour(135, me.v6, to.v6, { target: to.v6, word: w('solicitation') })),
  }
}

async function seenByBob({ host, mallory, bob, bridge }: Scene): Promise<readonly string[]> {
  const end = ethernet(bridge.mac, bob.mac, IPV4, udp4(bridge.v4, bob.v4, '<<end>>'))
  return arrivals(mallory.inside, bob.inside, { frames: frames(mallory, bob), end, endWord: '<<end>>', endFrom: { namespace: host, link: bridge.link } })
}

const statusOf = async (from: Namespace, url: string, seconds = 3): Promise<number> =>
  (await from.try('curl', '-sg', '--max-time', String(seconds), url)).status

async function assertApart(t: ExecutionContext, scene: Scene, title: string): Promise<void> {
  const { host, mallory, bob, bridge } = scene
  t.deepEqual(await seenByBob(scene), [], title)
  t.not(await statusOf(mallory.inside, `http://${bob.v4}`, 1), 0, `${title}: no way to a member`)
  for (const address of [bridge.v4, bridge.v6, '192.0.2.2', '2001:db8::2']) t.true(await mallory.inside.reaches(address), `${title}: ${address}`)
  t.is(await statusOf(host, `http://${bob.v4}`), 0, `${title}: the host reaches members`)
}

for (const backend of ['iptables', 'nftables'] as const) {
  for (const [v4, v6] of [['0', '0'], ['1', '1'], ['1', '0'], ['0', '1']] as const) {
    test.serial(`${backend}: with bridge-nf-call-iptables ${v4} and -ip6tables ${v6} members without icc are apart but for published ports`, async t => {
      if (!requires.root(t) || !requires.tool(t, 'curl')) return
      setBridgeNetfilter(v4, v6)
      await using scene = await openScene(backend)
      const before = await scene.host.snapshot()
      const isolated = (await scene.host.run('bridge', '-d', 'link', 'show', 'dev', scene.mallory.port)).includes('isolated on')
      t.is(isolated, v4 === '0' && v6 === '0')
      await assertApart(t, scene, 'as made')
      for (const url of ['http://192.0.2.1:8080', 'http://[2001:db8::1]:8080']) {
        t.is(await statusOf(scene.mallory.inside, url), 0, `a published port of a member: ${url}`)
        t.is(await statusOf(scene.bob.inside, url), 0, `its own published port: ${url}`)
        t.is(await statusOf(scene.host.outside, url), 0, `from outside: ${url}`)
      }
      // The setting is the host's, and somebody may change it while the network lives.
      for (const [later4, later6] of [['0', '0'], ['1', '1']] as const) {
        setBridgeNetfilter(later4, later6)
        await assertApart(t, scene, `changed to ${later4} and ${later6}`)
      }
      setBridgeNetfilter(v4, v6)
      await scene.host.assertAsBefore(before, { except })
    })
  }

  for (const setting of ['0', '1'] as const) {
    for (const [where, placement] of Object.entries(placements)) {
      test.serial(`${backend}: members without icc ${where} are apart, with bridge-nf-call-iptables ${setting}`, async t => {
        if (!requires.root(t) || !requires.tool(t, 'curl')) return
        setBridgeNetfilter(setting, setting)
        await using scene = await openScene(backend, {}, placement)
        await assertApart(t, scene, where)
        for (const url of ['http://192.0.2.1:8080', 'http://[2001:db8::1]:8080']) {
          t.is(await statusOf(scene.mallory.inside, url), 0, `a published port of a member: ${url}`)
          t.is(await statusOf(scene.host.outside, url), 0, `from outside: ${url}`)
        }
        const other = setting === '0' ? '1' : '0'
        setBridgeNetfilter(other, other)
        await assertApart(t, scene, `${where}, changed to ${other}`)
      })
    }
  }

  test.serial(`${backend}: what a member of a further bridge sends to a host that the bridge has forgotten goes to no other member`, async t => {
    if (!requires.root(t)) return
    setBridgeNetfilter('1', '1')
    await using scene = await openScene(backend, {}, placements['on one further bridge'])
    const { host, mallory, bob, bridge } = scene
    const uplinks = (await host.json('ip', '-j', 'link', 'show', 'type', 'veth')).map(link => String(link['ifname'])).filter(name => name.startsWith('tsu'))
    for (const uplink of uplinks) await host.run('ip', 'link', 'set', uplink, 'type', 'bridge_slave', 'fdb_flush')
    const frame = { 'to the host': ethernet(mallory.mac, bridge.mac, IPV4, udp4(mallory.v4, bridge.v4, w('to the host'))) }
    const end = ethernet(bridge.mac, bob.mac, UNKNOWN, Buffer.from('<<end>>'))
    t.deepEqual(await arrivals(mallory.inside, bob.inside, { frames: frame, end, endWord: '<<end>>', endFrom: { namespace: host, link: bridge.link } }), [])
  })

  test.serial(`${backend}: members are apart where their senders are not looked at`, async t => {
    if (!requires.root(t)) return
    setBridgeNetfilter('1', '1')
    await using scene = await openScene(backend, { 'tsnet.anti_spoofing': 'false' })
    t.deepEqual(await seenByBob(scene), [])
    t.true(await scene.mallory.inside.reaches(scene.bridge.v4))
  })
}

test.after.always(() => setBridgeNetfilter('1', '1'))
