/** Two installations on one host, each with roots of its own, and one whose store was lost: none is in the way of another. */
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { busyboxTar } from '../../helpers/busybox-image.ts'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { createRoots, runTsnet } from '../../helpers/tsnet.ts'
import { hostWithBusybox } from '../cli/world.ts'

let host: FakeHost
test.before(async () => {
  host = await hostWithBusybox()
})
test.after.always(() => host[Symbol.asyncDispose]())

const serve = ['busybox', 'httpd', '-f', '-p', '80', '-h', '/etc']
const fetch = (address: string): readonly string[] => ['run', '--rm', 'busybox', 'wget', '-qO-', `http://${address}/hostname`]

test.serial('both have a default network, publish ports, see their own containers only, and leave nothing', async t => {
  if (!requires.root(t)) return
  const before = await host.snapshot()
  using roots = createRoots()
  const other = (...words: readonly string[]): ReturnType<typeof runTsnet> => runTsnet(roots, words)
  const archive = join(roots.runRoot, 'busybox.tar')
  await busyboxTar(archive)
  t.is((await other('image', 'import', archive, 'busybox')).status, 0)
  for (const [run, port] of [[host.tsnet.bind(host), 8101], [other, 8102]] as const) {
    const started = await run('run', '-d', '--name', 'web', '-h', `web-${port}`, '-p', `${port}:80`, ...serve)
    t.is(started.status, 0, started.stderr)
    t.is((await run('ps', '-q', '--no-trunc')).stdout, started.stdout)
  }
  t.regex((await other('run', '--rm', '-p', '8101:80', 'busybox')).stderr, /8101.*\(port-in-use\)|no command/)
  for (const port of [8101, 8102]) t.is(await host.outside.run('curl', '-sf', `http://192.0.2.1:${port}/hostname`), `web-${port}\n`)
  t.is((await other(...fetch('192.0.2.1:8101'))).stdout, 'web-8101\n')
  for (const run of [host.tsnet.bind(host), other]) {
    t.is((await run('rm', '-f', 'web')).status, 0)
    t.is((await run('network', 'rm', 'bridge')).status, 0)
  }
  await host.assertAsBefore(before, { except: [/cgroups:/, /sysctls: net\/ipv[46]\/.*(forward|accept_redirects)/, /^\+ files: .*(containers|netns|owners)\/$/, /^\+ files: .*lock$/] })
})

test.serial('after the store was lost, a new default network takes another name and subnet', async t => {
  if (!requires.root(t)) return
  t.is((await host.tsnet('run', '--rm', 'busybox', 'true')).status, 0)
  const { root } = host.roots
  for (const end of ['', '-wal', '-shm']) {
    try {
      renameSync(join(root, `tsnet.db${end}`), join(root, `lost.db${end}`))
    } catch {
      // SQLite has removed that one.
    }
  }
  const archive = join(host.roots.runRoot, 'busybox.tar')
  await busyboxTar(archive)
  t.is((await host.tsnet('image', 'import', archive, 'busybox')).status, 0)
  const result = await host.tsnet('run', '--rm', 'busybox', 'ip', '-4', '-o', 'addr', 'show', 'eth0')
  t.is(result.status, 0, result.stderr)
  t.regex(result.stdout, /inet 172\.19\.0\.2\/16/)
})
