/**
 * The controller on the real kernel, with both firewall backends: networks whose containers reach what they should and nothing
 * else, seen with ping and sockets of other programs; the residue law and the fault law at every changing kernel call.
 */
import test, { type ExecutionContext } from 'ava'
import type { NetworkSpec } from '../../../cnm/controller-api.ts'
import type { PortRequest } from '../../../cnm/types.ts'
import type { BackendName } from '../../../nat/firewall.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { failEveryCall, killEveryCall } from '../../helpers/faults.ts'
import { Namespace, runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { newSandboxId, openLab, type Lab } from './lab.ts'

/**
 * What may differ. Forwarding stays on once tsnet set it, by decision, and the kernel changes other settings, and the anycast
 * route of routers, with it. The uplink's link-local address comes when the kernel is done with it. The files are the store's,
 * open by the test itself. Control groups are the real host's, and other tests': a network has none.
 */
const except = [
  /sysctls: net\/ipv4\/(ip_forward|conf\/[^/]+\/(forwarding|accept_redirects))=/,
  /sysctls: net\/ipv6\/conf\/[^/]+\/(forwarding|accept_ra)=/,
  /routes: type="anycast" dst="2001:db8::"/, /: .*fe80::.*up0|up0 fe80::/, /files: .*(tsnet\.db|\/owners\/|\/netns\/$)/,
  /fds: /, /cgroups: /,
]
const staysOn = { except }

const tcp = (host: number, hostIp?: string): PortRequest =>
  ({ protocol: 'tcp', host: { first: host, last: host }, container: { first: 80, last: 80 }, ...hostIp === undefined ? {}
    : { hostIp } })

interface Scene extends AsyncDisposable { readonly host: FakeHost, readonly lab: Lab }

async function openScene(backend: BackendName): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const host = stack.use(await FakeHost.create())
  const lab = stack.use(openLab({ root: host.roots.root, runRoot: host.roots.runRoot, backend }))
  const owned = stack.move()
  return { host, lab, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** A container of the test: a sandbox without a process, entered with nsenter. */
async function addContainer({ lab }: Scene, network: string, name: string, ports: readonly PortRequest[] = []) {
  const id = newSandboxId()
  const attachment = await lab.controller.createSandbox({ id, mode: 'bridge', endpoints: [{ network, name, ports }] })
  const { endpoint } = attachment.endpoints[0]!
  const inside = new Namespace(name, attachment.sandbox.netns)
  const address = (family: 4 | 6): string => endpoint.addresses.find(each => each.family === family)?.cidr.split('/')[0] ?? ''
  return {
    inside, attachment, endpoint, v4: address(4), v6: address(6),
    async [Symbol.asyncDispose]() {
      await inside[Symbol.asyncDispose]()
      await lab.controller.deleteSandbox(id)
      lab.ports.release(attachment.heldPorts)
    },
  }
}

const fetchFrom = (from: Namespace, url: string) => from.try('curl', '-sg', '--max-time', '3', url)
const needs = (t: ExecutionContext, backend: BackendName): boolean =>
  requires.root(t) && requires.tool(t, 'curl') && requires.tool(t, backend === 'nftables' ? 'nft' : 'iptables-save')

for (const backend of ['iptables', 'nftables'] as const) {
  test.serial(`${backend}: containers reach each other, the host and the world, and are reached where they publish`, async t => {
    if (!needs(t, backend)) return
    await using scene = await openScene(backend)
    const { host, lab } = scene
    const before = await host.snapshot()
    await lab.controller.createNetwork({ name: 'blue', enableIPv6: true })
    {
      await using a = await addContainer(scene, 'blue', 'a', [tcp(8080)])
      await using b = await addContainer(scene, 'blue', 'b')
      await using _server = await a.inside.serveTcp(80, { http: true })
      for (const [from, to, what] of [
        [a.inside, b.v4, 'member'], [a.inside, b.v6, 'member over IPv6'], [a.inside, '192.0.2.2', 'world'],
        [a.inside, '2001:db8::2', 'world over IPv6'],
        [host, a.v4, 'container'], [host, a.v6, 'container over IPv6'],
      ] as const) t.true(await from.reaches(to), what)
      for (const [from, url] of [
        [host.outside, 'http://192.0.2.1:8080'], [host.outside, 'http://[2001:db8::1]:8080'], [host, 'http://127.0.0.1:8080'],
        [host, 'http://192.0.2.1:8080'],
        [b.inside, `http://${a.v4}:80`], [b.inside, 'http://192.0.2.1:8080'], [a.inside, 'http://192.0.2.1:8080'],
      ] as const) t.is((await fetchFrom(from, url)).status, 0, `${from.name} to ${url}`)
      if (a.attachment.warnings.length === 0) t.is((await fetchFrom(host, 'http://[::1]:8080')).status, 0)
      t.not((await fetchFrom(host.outside, `http://${a.v4}:80`)).status, 0, 'nobody outside knows the address')
      t.deepEqual(await b.inside.json('ip', '-j', 'route', 'show', 'default').then(routes =>
        routes.map(route => route['gateway'])), ['172.18.0.1'])
    }
    await lab.controller.deleteNetwork('blue')
    await host.assertAsBefore(before, staysOn)
  })

  test.serial(`${backend}: without icc members cannot reach each other, but all else`, async t => {
    if (!needs(t, backend)) return
    await using scene = await openScene(backend)
    const spec: NetworkSpec = { name: 'apart', options: { 'com.docker.network.bridge.enable_icc': 'false' } }
    await scene.lab.controller.createNetwork(spec)
    {
      await using a = await addContainer(scene, 'apart', 'a')
      await using b = await addContainer(scene, 'apart', 'b')
      t.false(await a.inside.reaches(b.v4))
      t.true(await a.inside.reaches('192.0.2.2'))
      t.true(await scene.host.reaches(a.v4))
    }
    await scene.lab.controller.deleteNetwork('apart')
  })

  test.serial(`${backend}: an internal network reaches its members and nothing else, and two networks do not reach each other`,
    async t => {
    if (!needs(t, backend)) return
    await using scene = await openScene(backend)
    await scene.lab.controller.createNetwork({ name: 'inner', internal: true })
    await scene.lab.controller.createNetwork({ name: 'blue' })
    {
      await using a = await addContainer(scene, 'inner', 'a')
      await using b = await addContainer(scene, 'inner', 'b')
      await using c = await addContainer(scene, 'blue', 'c')
      t.true(await a.inside.reaches(b.v4))
      t.false(await a.inside.reaches('192.0.2.2'))
      t.false(await c.inside.reaches(a.v4))
      t.true(await c.inside.reaches('192.0.2.2'))
    }
    for (const name of ['inner', 'blue']) await scene.lab.controller.deleteNetwork(name)
  })

  test.serial(`${backend}: a repair puts back what others flushed`, async t => {
    if (!needs(t, backend)) return
    await using scene = await openScene(backend)
    const { host, lab } = scene
    await lab.controller.createNetwork({ name: 'blue' })
    {
      await using a = await addContainer(scene, 'blue', 'a', [tcp(8080)])
      await using _server = await a.inside.serveTcp(80, { http: true })
      const whole = await host.snapshot()
      for (const table of backend === 'iptables' ? ['filter', 'nat', 'raw'] : []) {
        await host.run('sh', '-c', `iptables -t ${table} -F; iptables -t ${table} -X`)
      }
      if (backend === 'nftables') await host.run('nft', 'flush', 'ruleset')
      await a.inside.run('ip', 'route', 'del', 'default')
      t.not((await fetchFrom(host.outside, 'http://192.0.2.1:8080')).status, 0)
      await lab.controller.recover({ repair: true })
      t.is((await fetchFrom(host.outside, 'http://192.0.2.1:8080')).status, 0)
      await host.assertAsBefore(whole, { except: [/fds: /, /tsnet\.db/, /cgroups: /] })
    }
    await lab.controller.deleteNetwork('blue')
  })

  test.serial(`${backend}: any kernel call that fails leaves nothing, and the next try succeeds`, async t => {
    if (!needs(t, backend)) return
    await using host = await FakeHost.create()
    const { root, runRoot } = host.roots
    using quiet = openLab({ root, runRoot, backend })
    await quiet.controller.createNetwork({ name: 'warm' })
    const before = await host.snapshot()
    const id = newSandboxId()
    let held: readonly number[] = []
    const calls = await failEveryCall({
      operation: async observer => {
        using lab = openLab({ root, runRoot, backend, observer })
        await lab.controller.createNetwork({ name: 'blue', enableIPv6: true })
        try {
          held = (await lab.controller.createSandbox({ id, mode: 'bridge',
            endpoints: [{ network: 'blue', name: 'web', ports: [tcp(8080)] }] })).heldPorts
        } catch (error) {
          await quiet.controller.deleteNetwork('blue')
          throw error
        }
      },
      verify: () => host.assertAsBefore(before, staysOn),
      undo: async () => {
        quiet.ports.release(held)
        await quiet.controller.deleteSandbox(id)
        await quiet.controller.deleteNetwork('blue')
      },
    })
    t.true(calls > 15, `${calls} calls`)
    await host.assertAsBefore(before, staysOn)
    await quiet.controller.deleteNetwork('warm')
  })

  test.serial(`${backend}: a process that is killed at any kernel call leaves what the next recovery removes`, async t => {
    if (!needs(t, backend)) return
    await using host = await FakeHost.create()
    const { root, runRoot } = host.roots
    using lab = openLab({ root, runRoot, backend })
    await lab.controller.createNetwork({ name: 'warm' })
    const before = await host.snapshot()
    const cleanUp = async (): Promise<void> => {
      await lab.controller.recover()
      for (const { sandboxId } of lab.controller.listEndpoints()) await lab.controller.deleteSandbox(sandboxId)
      if (lab.controller.listNetworks().some(({ name }) => name === 'blue')) await lab.controller.deleteNetwork('blue')
      await host.assertAsBefore(before, staysOn)
    }
    const calls = await killEveryCall({ program: new URL('kill.fixture.ts', import.meta.url).pathname,
      args: [root, runRoot, backend], verify: cleanUp })
    t.true(calls > 15, `${calls} calls`)
    await cleanUp()
    await lab.controller.deleteNetwork('warm')
  })
}

test.serial('32 processes that need the default network at once make it once, and their containers reach each other', async t => {
  if (!needs(t, 'nftables')) return
  await using scene = await openScene('nftables')
  const { host, lab } = scene
  const { root, runRoot } = host.roots
  const before = await host.snapshot()
  const program = new URL('attach.fixture.ts', import.meta.url).pathname
  const results = await Promise.all(Array.from({ length: 32 }, (_, i) =>
    runCommand([process.execPath, program, root, runRoot, `c${i}`])))
  t.deepEqual(results.filter(({ status }) => status !== 0).map(({ stderr }) => stderr), [])
  const addresses = results.map(({ stdout }) => stdout.trim().split('/')[0] ?? '')
  t.is(new Set(addresses).size, 32)
  t.deepEqual(addresses.filter(address => !address.startsWith('172.17.0.')), [])
  t.is((await host.json('ip', '-j', 'link', 'show', 'type', 'bridge')).length, 1)
  const [first, last] = lab.controller.listEndpoints().filter((_, i, all) => i === 0 || i === all.length - 1)
  const inside = new Namespace('first', lab.controller.findSandbox(first!.sandboxId)?.netns)
  t.true(await inside.reaches(last!.addresses[0]!.cidr.split('/')[0]!))
  for (const { sandboxId } of lab.controller.listEndpoints()) await lab.controller.deleteSandbox(sandboxId)
  await lab.controller.deleteNetwork('bridge')
  await host.assertAsBefore(before, staysOn)
})
