/**
 * A network that grows beyond its first bridge, with bridges of three members instead of a thousand: nobody on it can tell. Real packets, both
 * backends, and with frames handed to iptables by bridge-nf or not.
 */
import { writeFileSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import type { BackendName } from '../../../nat/firewall.ts'
import type { KernelObserver } from '../../../objects/family.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { failEveryCall, killEveryCall } from '../../helpers/faults.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { type Lab, newSandboxId, openLab } from './lab.ts'

const except = [/files: .*(tsnet\.db|\/owners\/|\/netns\/$)/, /fds: /, /cgroups: /, /: .*fe80::/]
const needs = (t: ExecutionContext, backend: BackendName): boolean =>
  requires.root(t) && requires.tool(t, 'curl') && requires.tool(t, backend === 'nftables' ? 'nft' : 'iptables-save')

function setBridgeNetfilter(value: '0' | '1'): void {
  for (const key of ['iptables', 'ip6tables']) writeFileSync(`/proc/sys/net/bridge/bridge-nf-call-${key}`, value)
}

async function mastersOf(host: FakeHost, kind: string): Promise<readonly string[]> {
  return (await host.json('ip', '-j', '-d', 'link', 'show', 'type', kind)).map(link => String(link['master'] ?? link['ifname'])).toSorted()
}

/** As it is once forwarding has been turned on, which stays. */
async function pristine(host: FakeHost, lab: Lab): Promise<Awaited<ReturnType<FakeHost['snapshot']>>> {
  await lab.controller.createNetwork({ name: 'first', enableIPv6: true })
  await lab.controller.deleteNetwork('first')
  return await host.snapshot()
}

interface Member { readonly id: ReturnType<typeof newSandboxId>, readonly inside: Namespace, readonly v4: string, readonly v6: string, readonly held: readonly number[] }

async function join(lab: Lab, stack: AsyncDisposableStack, name: string, port?: number): Promise<Member> {
  const id = newSandboxId()
  const ports = port === undefined ? [] : [{ protocol: 'tcp', host: { first: port, last: port }, container: { first: 80, last: 80 } } as const]
  const { sandbox, endpoints, heldPorts } = await lab.controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'big', name, ports }] })
  const inside = stack.use(new Namespace(name, sandbox.netns))
  const [v4 = '', v6 = ''] = endpoints[0]?.endpoint.addresses.map(({ cidr }) => cidr.split('/')[0] ?? '') ?? []
  return { id, inside, v4, v6, held: heldPorts }
}

for (const backend of ['iptables', 'nftables'] as const) {
  for (const bridgeNetfilter of ['0', '1'] as const) {
    test.serial(`${backend}, bridge-nf-call-iptables ${bridgeNetfilter}: members of one network on several bridges reach each other, the world and are reached`, async t => {
      if (!needs(t, backend)) return
      await using stack = new AsyncDisposableStack()
      const host = stack.use(await FakeHost.create())
      setBridgeNetfilter(bridgeNetfilter)
      using lab = openLab({ ...host.roots, backend, membersPerBridge: 3 })
      const before = await pristine(host, lab)
      await lab.controller.createNetwork({ name: 'big', enableIPv6: true, subnets: [{ subnet: '10.77.0.0/24' }] })
      const members: Member[] = []
      for (let n = 1; n <= 8; n += 1) members.push(await join(lab, stack, `m${n}`, n === 8 ? 8080 : undefined))
      const [first, last] = [members[0], members[7]]
      if (first === undefined || last === undefined) return t.fail('no members')
      t.deepEqual(lab.controller.listEndpoints().map(endpoint => endpoint.segment ?? 0).toSorted((a, b) => a - b), [0, 0, 0, 1, 1, 1, 2, 2])
      t.true(new Set(await mastersOf(host, 'bridge')).size >= 3)
      const server = await last.inside.serveTcp(80, { http: true })
      t.true(await last.inside.reaches('2001:db8::2'), 'a bridge is up some time after its first port')
      const seen = async (from: Namespace, url: string): Promise<string> => (await from.try('curl', '-sg', '--max-time', '3', url)).stdout
      for (const to of [first, members[3], members[7]]) {
        for (const from of [first, members[4], members[6]]) {
          if (to === undefined || from === undefined || to === from) continue
          for (const address of [to.v4, to.v6]) t.true(await from.inside.reaches(address), `${from.v4} reaches ${address}`)
        }
      }
      t.true((await seen(first.inside, `http://${last.v4}`)).includes(first.v4), 'seen under its own address')
      t.true(await last.inside.reaches('10.77.0.1') && await last.inside.reaches('192.0.2.2'), 'gateway and world')
      t.true((await seen(host.outside, 'http://192.0.2.1:8080')).includes('192.0.2.2'), 'a published port, the client\'s address kept')
      t.true((await seen(host.outside, 'http://[2001:db8::1]:8080')).includes('2001:db8::2'))
      t.true((await seen(first.inside, 'http://192.0.2.1:8080')).length > 0, 'a published port used by a member on another bridge')
      t.true((await seen(last.inside, 'http://192.0.2.1:8080')).length > 0, 'and by the container itself')
      for (const url of ['http://192.0.2.1:8080', 'http://[2001:db8::1]:8080']) {
        t.true((await seen(members[6]?.inside ?? host, url)).length > 0, `and by a member on the same further bridge: ${url}`)
      }
      t.true((await seen(host, `http://127.0.0.1:8080`)).length > 0)
      if (bridgeNetfilter === '1') {
        const chain = await host.run('nft', 'list', 'chain', 'bridge', 'tsnet', 'forward')
        t.true(Number(/counter packets (\d+) bytes \d+ drop comment "back to all"/.exec(chain)?.[1]) > 0, 'what is for all was not sent back to where it came from')
      }
      t.true(await host.reaches(last.v4))
      await server.close()
      for (const { id, held } of members) {
        await lab.controller.deleteSandbox(id)
        lab.ports.release(held)
      }
      await lab.controller.deleteNetwork('big')
      await host.assertAsBefore(before, { except })
    })
  }
}

test.serial('a bridge of a grown network that was deleted by hand is made again for the next member', async t => {
  if (!needs(t, 'nftables')) return
  await using stack = new AsyncDisposableStack()
  const host = stack.use(await FakeHost.create())
  using lab = openLab({ ...host.roots, backend: 'nftables', membersPerBridge: 1 })
  const before = await pristine(host, lab)
  await lab.controller.createNetwork({ name: 'big' })
  const members = [await join(lab, stack, 'a')]
  const segment = lab.controller.getNetwork('big').objects.filter(object => object.kind === 'bridge')[1]
  t.truthy(segment)
  await host.run('ip', 'link', 'del', segment?.kind === 'bridge' ? segment.name : '')
  members.push(await join(lab, stack, 'b'))
  t.true(await members[1]?.inside.reaches(members[0]?.v4 ?? ''))
  for (const { id } of members) await lab.controller.deleteSandbox(id)
  await lab.controller.deleteNetwork('big')
  await host.assertAsBefore(before, { except })
})

test.serial('growing may fail, or be killed, at any kernel call: the next member has its place', async t => {
  if (!needs(t, 'nftables')) return
  await using stack = new AsyncDisposableStack()
  const host = stack.use(await FakeHost.create())
  const { root, runRoot } = host.roots
  const open = (observer: KernelObserver = () => undefined): Lab => openLab({ root, runRoot, backend: 'nftables', membersPerBridge: 2, observer })
  using quiet = open()
  const clean = await pristine(host, quiet)
  const empty = async (): Promise<void> => {
    for (const { sandboxId } of quiet.controller.listEndpoints()) await quiet.controller.deleteSandbox(sandboxId)
    await quiet.controller.deleteNetwork('big')
    await host.assertAsBefore(clean, { except })
  }
  // Its bridges have guards, too.
  const apart = { name: 'big', options: { 'com.docker.network.bridge.enable_icc': 'false' } }
  const id = newSandboxId()
  const add = async (lab: Lab): Promise<void> => {
    await lab.controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'big', name: 'late' }] })
  }
  await quiet.controller.createNetwork(apart)
  const calls = await failEveryCall({
    operation: async observer => {
      using lab = open(observer)
      await add(lab)
    },
    verify: async () => {
      t.deepEqual(quiet.controller.listEndpoints(), [])
      await empty()
      await quiet.controller.createNetwork(apart)
    },
  })
  t.true(calls > 8, `${calls} calls`)
  await empty()
  await quiet.controller.createNetwork(apart)
  const kills = await killEveryCall({
    program: new URL('growth.fixture.ts', import.meta.url).pathname, args: [root, runRoot, id],
    verify: async n => {
      await quiet.controller.recover()
      t.deepEqual(quiet.controller.listEndpoints(), [], `call ${n}`)
      await add(quiet)
      t.is((await mastersOf(host, 'bridge')).length, (quiet.controller.getNetwork('big').segments ?? 0) + 1)
      await empty()
      await quiet.controller.createNetwork(apart)
    },
  })
  t.true(kills > 8, `${kills} calls`)
  await empty()
})
