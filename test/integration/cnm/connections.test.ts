/**
 * Networks that come to a container and leave it, on the real kernel with both firewall backends: what it reaches and who reaches
 * it, seen with ping and curl; the residue law, and the fault law at every changing kernel call.
 */
import test, { type ExecutionContext } from 'ava'
import type { SandboxId } from '../../../cnm/types.ts'
import type { BackendName } from '../../../nat/firewall.ts'
import type { KernelObserver } from '../../../objects/family.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { failEveryCall, killEveryCall } from '../../helpers/faults.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { type Lab, newSandboxId, openLab } from './lab.ts'
import { richEndpoint } from './rich-endpoint.ts'

/** Of the store's files, the test's own descriptors and what the kernel does with a link-local address in its own time. */
const except = [/files: .*(tsnet\.db|\/owners\/|\/netns\/$)/, /fds: /, /cgroups: /, /: .*fe80::/]
const needs = (t: ExecutionContext, backend: BackendName): boolean =>
  requires.root(t) && requires.tool(t, 'curl') && requires.tool(t, backend === 'nftables' ? 'nft' : 'iptables-save')

const ports = [{ protocol: 'tcp', host: { first: 8080, last: 8080 }, container: { first: 80, last: 80 } }] as const

interface Scene extends AsyncDisposable {
  readonly host: FakeHost
  readonly id: SandboxId
  readonly inside: Namespace
  /** Addresses of another container, on blue: a bridge without any is not up, and changes with its first one. */
  readonly neighbour: readonly string[]
  readonly open: (observer?: KernelObserver) => Lab
}

/** Networks red and blue, dual stack, and inner, internal; a container on red that serves port 80, published as 8080. */
async function openScene(backend: BackendName): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const host = stack.use(await FakeHost.create())
  const { root, runRoot } = host.roots
  const open = (observer: KernelObserver = () => {}): Lab => openLab({ root, runRoot, backend, observer })
  using lab = open()
  await lab.controller.createNetwork({ name: 'red', enableIPv6: true })
  await lab.controller.createNetwork({ name: 'blue', enableIPv6: true })
  await lab.controller.createNetwork({ name: 'inner', internal: true })
  const id = newSandboxId()
  const { sandbox, heldPorts } = await lab.controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network: 'red', name: 'web', ports }] })
  const inside = stack.use(new Namespace('web', sandbox.netns))
  stack.use(await inside.serveTcp(80, { http: true }))
  const other = newSandboxId()
  const { endpoints } = await lab.controller.createSandbox({ id: other, mode: 'bridge', endpoints: [{ network: 'blue', name: 'other' }] })
  const neighbour = endpoints[0]?.endpoint.addresses.map(({ cidr }) => cidr.split('/')[0] ?? '') ?? []
  stack.defer(async () => {
    using last = open()
    await last.controller.recover()
    for (const each of [id, other]) await last.controller.deleteSandbox(each)
    last.ports.release(heldPorts)
    for (const name of ['red', 'blue', 'inner']) await last.controller.deleteNetwork(name)
  })
  const owned = stack.move()
  return { host, id, inside, neighbour, open, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function defaults(inside: Namespace): Promise<readonly string[]> {
  const found = await Promise.all(['-4', '-6'].map(family => inside.json('ip', '-j', family, 'route', 'show', 'default')))
  return found.map(routes => routes.map(route => String(route['dev'])).join())
}

const statusOf = async (from: Namespace, url: string): Promise<number> => (await from.try('curl', '-sg', '--max-time', '3', url)).status
const urls = ['http://192.0.2.1:8080', 'http://[2001:db8::1]:8080']

for (const backend of ['iptables', 'nftables'] as const) {
  test.serial(`${backend}: a container reaches all its networks, leaves by the gateway, and is reached through it`, async t => {
    if (!needs(t, backend)) return
    await using scene = await openScene(backend)
    const { host, id, inside, neighbour } = scene
    using lab = scene.open()
    const before = await host.snapshot()
    const check = async (devices: readonly string[], title: string): Promise<void> => {
      t.deepEqual(await defaults(inside), devices, title)
      t.true(await inside.reaches('192.0.2.2') && await inside.reaches('2001:db8::2'), `${title}: the world`)
      for (const url of urls) t.is(await statusOf(host.outside, url), 0, `${title}: ${url}`)
      t.is(await statusOf(host, 'http://127.0.0.1:8080'), 0, `${title}: loopback`)
    }
    await check(['eth0', 'eth0'], 'red alone')
    t.false(await inside.reaches(neighbour[0] ?? ''), 'no way between networks')
    await lab.controller.connect(id, { network: 'blue', name: 'web' })
    for (const address of neighbour) t.true(await inside.reaches(address), `a member of blue at ${address}`)
    await check(['eth1', 'eth1'], 'blue goes before red')
    await lab.controller.connect(id, { network: 'inner', name: 'web' })
    await check(['eth1', 'eth1'], 'inner is no gateway')
    await lab.controller.disconnect(id, 'blue')
    await check(['eth0', 'eth0'], 'without blue')
    await lab.controller.disconnect(id, 'inner')
    await host.assertAsBefore(before, { except })
    await lab.controller.connect(id, { network: 'blue', name: 'web', gwPriority: -1 })
    await check(['eth0', 'eth0'], 'red has the higher priority')
    await lab.controller.disconnect(id, 'red')
    await check(['eth1', 'eth1'], 'without red')
    await lab.controller.connect(id, { network: 'red', name: 'web' })
    await check(['eth0', 'eth0'], 'red again')
  })

  test.serial(`${backend}: a connection that fails at any kernel call leaves nothing, and the next try succeeds`, async t => {
    if (!needs(t, backend)) return
    await using scene = await openScene(backend)
    const { host, id, inside, open } = scene
    using quiet = open()
    const before = await host.snapshot()
    const calls = await failEveryCall({
      operation: async observer => {
        using lab = open(observer)
        await lab.controller.connect(id, richEndpoint)
      },
      verify: async () => {
        await host.assertAsBefore(before, { except })
        t.deepEqual(await defaults(inside), ['eth0', 'eth0'])
      },
      undo: async () => {
        t.regex(await inside.run('tc', 'qdisc', 'show', 'dev', 'eth1'), /tbf .*rate 5Mbit/)
        t.regex(await inside.run('ip', 'addr', 'show', 'dev', 'eth1'), /169\.254\.7\.7\/16[^]*fe80::77\/64/)
        await quiet.controller.disconnect(id, 'blue')
      },
    })
    t.true(calls > 12, `${calls} calls`)
    await host.assertAsBefore(before, { except })
    t.is(await statusOf(host.outside, urls[0] ?? ''), 0)
  })

  test.serial(`${backend}: a process that is killed at any kernel call of a connection or disconnection is cleaned up after`, async t => {
    if (!needs(t, backend)) return
    await using scene = await openScene(backend)
    const { host, id, inside, open } = scene
    using quiet = open()
    const before = await host.snapshot()
    const calls = await killEveryCall({
      program: new URL('connect.fixture.ts', import.meta.url).pathname,
      args: [host.roots.root, host.roots.runRoot, backend, id],
      verify: async n => {
        await quiet.controller.recover()
        if (quiet.controller.listEndpoints({ sandboxId: id }).length > 1) await quiet.controller.disconnect(id, 'blue')
        await host.assertAsBefore(before, { except })
        t.deepEqual(await defaults(inside), ['eth0', 'eth0'], `call ${n}`)
      },
    })
    t.true(calls > 16, `${calls} calls`)
    await host.assertAsBefore(before, { except })
    for (const url of urls) t.is(await statusOf(host.outside, url), 0)
  })
}
