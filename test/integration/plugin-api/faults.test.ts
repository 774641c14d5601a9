/** The fault law for Docker's endpoints: whichever kernel call fails, or is the last of its process, the same calls again succeed, and nothing stays. */
import test from 'ava'
import { type Engine, openEngine } from '../../../engine/open.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { InjectedFault, killEveryCall } from '../../helpers/faults.ts'
import { requires } from '../../helpers/requires.ts'
import { end, endpointId, start } from './script.ts'

const except = [/ files: .*(\.lock|tsnet\.db.*|\/owners\/.*)$/, / fds: /, / cgroups: /]

for (const backend of ['iptables', 'nftables'] as const) {
  test.serial(`${backend}: each kernel call fails once; the call is refused, comes again, and succeeds`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    await host.run('sysctl', '-qw', 'net.ipv4.ip_forward=1')
    let failAt = 0
    let calls = 0
    const observer = (call: string): void => {
      calls += 1
      if (calls === failAt) throw new InjectedFault(call)
    }
    const engine: Engine = await openEngine({ ...host.roots, observer })
    await engine.firewall.use(backend)
    const before = await host.snapshot()
    let failures = 0
    for (failAt = 1; ; failAt += 1) {
      calls = 0
      // As dockerd does it: each call until it succeeds.
      for (const step of [start, end]) {
        try {
          await step(engine.foreign)
        } catch {
          failures += 1
          await step(engine.foreign)
        }
        if (step === start) t.deepEqual(await engine.controller.missing(engine.foreign.findEndpoint(endpointId)?.endpoint.objects ?? []), [], `call ${failAt}`)
      }
      await host.assertAsBefore(before, { except })
      if (calls < failAt) break
    }
    t.true(failures > 8, `${failures} failures`)
    await engine.close()
  })

  test.serial(`${backend}: the process dies at each kernel call; the next one goes on`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    await host.run('sysctl', '-qw', 'net.ipv4.ip_forward=1')
    await host.tsnet('firewall', 'use', backend)
    const before = await host.snapshot()
    const died = await killEveryCall({
      program: new URL('kill.fixture.ts', import.meta.url).pathname, args: [host.roots.root, host.roots.runRoot],
      async verify(n) {
        const engine = await openEngine(host.roots)
        await engine.foreign.restore()
        await start(engine.foreign)
        t.deepEqual(await engine.controller.missing(engine.foreign.findEndpoint(endpointId)?.endpoint.objects ?? []), [], `call ${n}`)
        await end(engine.foreign)
        await engine.close()
        await host.assertAsBefore(before, { except })
      },
    })
    t.true(died > 15, `${died} calls`)
  })
}
