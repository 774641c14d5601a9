/**
 * `npm run demo`: what tsnet does, shown and checked on a host of its own.
 *
 * The process is in its own network and mount namespaces (scripts/demo.sh), with an uplink to a namespace that plays the rest of
 * the world. Nothing of this machine's network, firewall, /run or /var/lib is read or changed; Docker may run beside it.
 */
import { FakeHost } from '../../test/helpers/fake-host.ts'
import { assertNoResidue } from '../../test/helpers/snapshot.ts'
import { containers } from './containers.ts'
import { firewall } from './firewall.ts'
import { endLeftOvers } from './left-overs.ts'
import { modes } from './modes.ts'
import { networks } from './networks.ts'
import { ports } from './ports.ts'
import { Stage } from './stage.ts'

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort(new Error(signal)))

/** Removes every container and network, whatever state the play is in. */
async function cleanUp(host: FakeHost): Promise<void> {
  const after = new Stage(host, new AbortController().signal)
  const { stdout } = await after.try('ps', '-aq')
  const ids = stdout.split('\n').filter(id => id !== '')
  if (ids.length > 0) await after.try('rm', '-f', ...ids)
  for (const network of ['blue', 'six', 'bridge']) await after.try('network', 'rm', network)
  await after.try('image', 'rm', 'busybox')
}

async function play(host: FakeHost): Promise<Stage> {
  const stage = new Stage(host, interrupted.signal)
  console.log([
    'A host of its own: a network namespace with one uplink, up0 (192.0.2.1, 2001:db8::1), to a namespace "outside"',
    '(192.0.2.2, 2001:db8::2) that knows no way back to any container. Nothing below touches this machine\'s network.',
  ].join('\n'))
  const before = await host.snapshot()
  await networks(stage)
  await containers(stage)
  await ports(stage)
  await modes(stage)
  await firewall(stage)
  await stage.chapter('What is left behind', async () => {
    stage.tell('All containers, networks and the image are removed.')
    await cleanUp(host)
    await stage.check('links, addresses, routes, rules, sysctls, mounts, cgroups and processes are as they were', async () => {
      const after = await host.snapshot()
      const except = [
        // By decision: forwarding stays on once it was needed, and the state folders stay.
        /^[-+] files:/, /^[-+] sysctls: net\/ipv[46]\/.*(forward|accept_redirects|accept_ra)/,
        // Cgroups are the machine's; another tsnet may be at work on it.
        new RegExp(`^[-+] cgroups: (?!.*(${stage.containers.join('|')}))`),
      ]
      assertNoResidue(before, after, { except })
      const count = Object.values(after).reduce((sum, lines) => sum + lines.length, 0)
      return `${count} facts about the host compared`
    })
  })
  return stage
}

const host = await FakeHost.create()
try {
  const { passed, failed } = await play(host)
  console.log(`\n${passed} checks passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
} catch (error) {
  if (!interrupted.signal.aborted) throw error
  console.log('\ninterrupted: cleaning up')
  process.exitCode = 130
} finally {
  await cleanUp(host)
  await host[Symbol.asyncDispose]()
  endLeftOvers()
}
