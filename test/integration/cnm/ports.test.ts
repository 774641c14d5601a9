/**
 * Ports that are published and taken back while a container runs, on the real kernel with both firewall backends: who gets through,
 * seen with curl and by what the container saw; UDP flows; the residue law, and the fault law at every changing kernel call.
 */
import test, { type ExecutionContext } from 'ava'
import type { PortRequest, SandboxId } from '../../../cnm/types.ts'
import { close, dup } from '../../../kernel/syscalls/descriptor.ts'
import type { BackendName } from '../../../nat/firewall.ts'
import type { KernelObserver } from '../../../objects/family.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { failEveryCall, killEveryCall } from '../../helpers/faults.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { type Lab, newSandboxId, openLab } from './lab.ts'

const except = [/files: .*(tsnet\.db|\/owners\/|\/netns\/$)/, /fds: /, /cgroups: /, /: .*fe80::/]
const needs = (t: ExecutionContext, backend: BackendName): boolean => requires.root(t) && requires.tool(t, 'curl') && requires.tool(t, 'conntrack')
  && requires.tool(t, backend === 'nftables' ? 'nft' : 'iptables-save')

const port = (host: number, container: number, protocol: PortRequest['protocol'] = 'tcp'): PortRequest =>
  ({ protocol, host: { first: host, last: host }, container: { first: container, last: container } })
const forget = (): void => undefined

interface Scene extends AsyncDisposable {
  readonly host: FakeHost
  readonly id: SandboxId
  readonly inside: Namespace
  readonly open: (observer?: KernelObserver) => Lab
}

/** Networks red and blue, dual stack; a container on red that serves port 80 and UDP 81, with port 80 published as 8080. */
async function openScene(backend: BackendName): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const host = stack.use(await FakeHost.create())
  const { root, runRoot } = host.roots
  const open = (observer: KernelObserver = () => {}): Lab => openLab({ root, runRoot, backend, observer })
  using lab = open()
  for (const name of ['red', 'blue']) await lab.controller.createNetwork({ name, enableIPv6: true })
  const id = newSandboxId()
  const endpoints = [{ network: 'red', name: 'web', ports: [port(8080, 80)] }]
  const { sandbox, heldPorts } = await lab.controller.createSandbox({ id, mode: 'bridge', endpoints })
  const inside = stack.use(new Namespace('web', sandbox.netns))
  stack.use(await inside.serveTcp(80, { http: true }))
  stack.use(await inside.serveUdp(81))
  stack.defer(async () => {
    using last = open()
    await last.controller.recover()
    await last.controller.deleteSandbox(id)
    last.ports.release(heldPorts)
    for (const name of ['red', 'blue']) await last.controller.deleteNetwork(name)
  })
  const owned = stack.move()
  return { host, id, inside, open, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** What the container took the client for; empty where there is no way. */
const seenAs = async (from: Namespace, url: string): Promise<string> => (await from.try('curl', '-sg', '--max-time', '2', url)).stdout.trim()
const outsideUrls = (number: number) => [`http://192.0.2.1:${number}`, `http://[2001:db8::1]:${number}`]

for (const backend of ['iptables', 'nftables'] as const) {
  test.serial(`${backend}: a port that is added is reached like one that was there from the start, with the client's address`, async t => {
    if (!needs(t, backend)) return
    await using scene = await openScene(backend)
    const { host, id, inside, open } = scene
    using lab = open()
    t.true(await inside.reaches('2001:db8::2'), 'a bridge is up some time after its first port')
    const before = await host.snapshot()
    await lab.controller.publish(id, [port(9000, 80), { ...port(9001, 80), hostIp: '127.0.0.1' }], forget)
    for (const number of [8080, 9000]) {
      const [v4, v6] = await Promise.all(outsideUrls(number).map(url => seenAs(host.outside, url)))
      t.true(v4?.includes('192.0.2.2'), `${number}: ${v4}`)
      t.true(v6?.includes('2001:db8::2'), `${number}: ${v6}`)
    }
    t.not(await seenAs(host, 'http://127.0.0.1:9001'), '')
    t.is(await seenAs(host.outside, 'http://192.0.2.1:9001'), '')
    await lab.controller.connect(id, { network: 'blue', name: 'web' })
    t.true((await seenAs(host.outside, outsideUrls(9000)[0] ?? '')).includes('192.0.2.2'), 'through the new gateway')
    await lab.controller.unpublish(id, [{ ...port(9000, 80) }])
    await lab.controller.disconnect(id, 'blue')
    for (const url of outsideUrls(9000)) t.is(await seenAs(host.outside, url), '')
    for (const url of outsideUrls(8080)) t.not(await seenAs(host.outside, url), '')
    await lab.controller.unpublish(id, [port(9001, 80)])
    await host.assertAsBefore(before, { except })
  })

  test.serial(`${backend}: UDP flows of a removed port are forgotten, those of its neighbour are not`, async t => {
    if (!needs(t, backend)) return
    await using scene = await openScene(backend)
    const { host, id, open } = scene
    using lab = open()
    const send = (from: number, to: number): Promise<unknown> =>
      host.outside.run('sh', '-c', `echo x | nc -u -w 1 -p ${from} 192.0.2.1 ${to} >/dev/null || true`)
    const flows = async (): Promise<readonly string[]> => (await host.run('conntrack', '-L', '-p', 'udp')).split('\n')
      .flatMap(line => /sport=(600\d) dport=(\d+).*src=172/.exec(line)?.slice(1, 3).join('→') ?? []).toSorted()
    await lab.controller.publish(id, [port(9081, 81, 'udp'), port(9082, 81, 'udp')], forget)
    await send(6001, 9081)
    await send(6002, 9082)
    t.deepEqual(await flows(), ['6001→9081', '6002→9082'])
    await lab.controller.unpublish(id, [port(9081, 81, 'udp')])
    t.deepEqual(await flows(), ['6002→9082'])
    await lab.controller.unpublish(id, [port(9082, 81, 'udp')])
    await host.run('conntrack', '-F')
  })

  test.serial(`${backend}: a range that loses its middle keeps its UDP flows, and whoever dies or fails in between has the next one finish it`, async t => {
    if (!needs(t, backend)) return
    await using scene = await openScene(backend)
    const { host, id, open } = scene
    using quiet = open()
    const before = await host.snapshot()
    const send = (from: number, to: number): Promise<unknown> =>
      host.outside.run('sh', '-c', `echo x | nc -u -w 1 -p ${from} 192.0.2.1 ${to} >/dev/null || true`)
    const flows = async (): Promise<readonly string[]> => (await host.run('conntrack', '-L', '-p', 'udp')).split('\n')
      .flatMap(line => /sport=(600\d) dport=(\d+).*src=172/.exec(line)?.slice(1, 3).join('→') ?? []).toSorted()
    const whole: PortRequest = { protocol: 'udp', host: { first: 81, last: 90 }, container: { first: 81, last: 90 } }
    const middle: PortRequest = port(84, 84, 'udp')
    const fresh = async (): Promise<void> => {
      await quiet.controller.unpublish(id, [{ ...whole }]).catch(() => undefined)
      await quiet.controller.publish(id, [whole], forget)
      await send(6001, 81)
      await send(6002, 84)
    }
    const verify = async (): Promise<void> => {
      await quiet.controller.recover()
      t.deepEqual(quiet.controller.findSandbox(id)?.ports?.slice(1).map(({ host: range }) => [range.first, range.last]), [[81, 83], [85, 90]])
      t.deepEqual(quiet.controller.findSandbox(id)?.portsOwner, undefined)
      const shown = backend === 'nftables' ? await host.run('nft', 'list', 'map', 'ip', 'tsnet', 'udp-ranges') : await host.run('iptables-save', '-t', 'nat')
      t.is([...shown.matchAll(/81[-:]83|85[-:]90|81[-:]90/g)].map(([text]) => text.replace(':', '-')).toSorted().join(), '81-83,85-90')
    }
    await fresh()
    const calls = await failEveryCall({
      operation: async observer => {
        using lab = open(observer)
        await lab.controller.unpublish(id, [middle])
      },
      verify: async () => {
        await verify()
        await fresh()
      },
    })
    t.true(calls >= 2, `${calls} calls: the rules, and the flow`)
    t.deepEqual(await flows(), ['6001→81'])
    await verify()
    await fresh()
    const kills = await killEveryCall({
      program: new URL('split.fixture.ts', import.meta.url).pathname,
      args: [host.roots.root, host.roots.runRoot, backend, id],
      verify: async () => {
        await verify()
        await fresh()
      },
    })
    t.true(kills >= 2, `${kills} calls`)
    await verify()
    await quiet.controller.unpublish(id, [whole])
    await host.run('conntrack', '-F')
    await host.assertAsBefore(before, { except })
  })

  test.serial(`${backend}: a change of ports that fails at any kernel call leaves what was, and the next try succeeds`, async t => {
    if (!needs(t, backend)) return
    await using scene = await openScene(backend)
    const { host, id, open } = scene
    using quiet = open()
    const before = await host.snapshot()
    const requests = [port(9000, 80), port(9081, 81, 'udp')]
    const calls = await failEveryCall({
      operation: async observer => {
        using lab = open(observer)
        await lab.controller.publish(id, requests, forget)
      },
      verify: () => host.assertAsBefore(before, { except }),
      undo: () => quiet.controller.unpublish(id, requests),
    })
    t.true(calls >= (backend === 'iptables' ? 2 : 1), `${calls} calls`)
    await host.assertAsBefore(before, { except })
    await quiet.controller.publish(id, requests, forget)
    const removals = await failEveryCall({
      operation: async observer => {
        using lab = open(observer)
        await lab.controller.unpublish(id, requests)
      },
      verify: async () => {
        await quiet.controller.recover()
        await host.assertAsBefore(before, { except })
        await quiet.controller.publish(id, requests, forget)
      },
    })
    t.true(removals >= 1)
    await host.assertAsBefore(before, { except })
  })

  test.serial(`${backend}: a process that is killed at any kernel call of a change of ports is cleaned up after`, async t => {
    if (!needs(t, backend)) return
    await using scene = await openScene(backend)
    const { host, id, open } = scene
    using quiet = open()
    const before = await host.snapshot()
    const calls = await killEveryCall({
      program: new URL('ports.fixture.ts', import.meta.url).pathname,
      args: [host.roots.root, host.roots.runRoot, backend, id],
      verify: async n => {
        await quiet.controller.recover()
        t.deepEqual(quiet.controller.findSandbox(id)?.ports?.map(({ host: range }) => range.first).filter(each => each !== 9000 && each !== 9001), [8080])
        if (quiet.controller.findSandbox(id)?.ports?.length !== 1) await quiet.controller.unpublish(id, [port(9000, 80), port(9001, 80, 'udp')])
        await host.assertAsBefore(before, { except })
        t.not(await seenAs(host.outside, 'http://192.0.2.1:8080'), '', `call ${n}`)
      },
    })
    t.true(calls >= 2, `${calls} calls`)
    await host.assertAsBefore(before, { except })
  })
}

test.serial('the ports are handed over bound, and a taken one is refused', async t => {
  if (!needs(t, 'nftables')) return
  await using scene = await openScene('nftables')
  const { host, id, open } = scene
  using lab = open()
  let kept: readonly number[] = []
  await lab.controller.publish(id, [port(9000, 80)], descriptors => { kept = descriptors.map(fd => dup(fd)) })
  t.is(kept.length, 2)
  t.regex((await host.try('nc', '-l', '-p', '9000')).stderr, /in use/i)
  await t.throwsAsync(lab.controller.publish(id, [port(9002, 80), port(9000, 81)], forget), { code: 'port-in-use' })
  kept.forEach(close)
  await lab.controller.unpublish(id, [port(9000, 80)])
})
