/** Real orchestrators call our plugins: each example under examples/cni prints what its last comment says. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { busyboxTar } from '../../helpers/busybox-image.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { dockerSaveOld } from '../../helpers/image-archive.ts'
import { runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { CHECKOUT } from '../../helpers/tsnet.ts'

const examples = join(CHECKOUT, 'examples/cni')
const fixture = new URL('clients.fixture.sh', import.meta.url).pathname

for (const [script, tool] of [['containerd.sh', 'containerd'], ['podman.sh', 'podman'], ['cnitool.sh', 'jq'], ['cri.sh', 'containerd']] as const) {
  test.serial(`${script} prints what its last comment says`, async t => {
    if (!requires.root(t) || !requires.tool(t, tool)) return
    await using host = await FakeHost.create()
    const work = mkdtempSync('/run/cni-client-')
    const path = join(examples, script)
    // With tsnet's usual folders: a client's helpers do not get its environment.
    const env = { CHECKOUT: CHECKOUT.replace(/\/$/, ''), WORK: work, ROOTFS: join(work, 'rootfs'), PAUSE: join(work, 'pause.tar') }
    if (script === 'cri.sh') await writePauseImage(env.PAUSE)
    // What it starts ends with it: it is init of its own processes.
    const { status, stdout, stderr } = await runCommand(['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private', 'sh', fixture, path], { env, timeoutMs: 100_000 })
    const [, expected = ''] = readFileSync(path, 'utf8').split('# Output:\n')
    t.is(stdout, expected.replaceAll(/^# ?/gm, ''), stderr)
    t.is(status, 0, stderr)
    t.notRegex(await host.run('iptables-save'), /TSNET/)
    for (const folder of [work, '/var/lib/tsnet', '/run/tsnet']) rmSync(folder, { recursive: true, force: true })
    removeCgroups()
    for (const link of (await host.run('ip', '-br', 'link', 'show', 'type', 'bridge')).split('\n')) {
      const [name = ''] = link.split(' ')
      if (name !== '') await host.run('ip', 'link', 'del', name)
    }
  })
}

/** An image whose process is a web server. */
async function writePauseImage(path: string): Promise<void> {
  const layer = `${path}.layer`
  await busyboxTar(layer, { 'www/index.html': 'hello\n' })
  writeFileSync(path, dockerSaveOld({
    layers: [readFileSync(layer)], architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    names: ['localhost/pause:1'], config: { Cmd: ['/bin/httpd', '-f', '-p', '80', '-h', '/www'] },
  }))
}

/** podman and containerd's CRI leave the parents of their containers' control groups. */
function removeCgroups(): void {
  for (const hierarchy of readdirSync('/sys/fs/cgroup')) {
    for (const path of ['libpod_parent/conmon', 'libpod_parent', 'k8s.io'].map(name => join('/sys/fs/cgroup', hierarchy, name))) {
      try {
        rmdirSync(path)
      } catch {
        // Not in this hierarchy.
      }
    }
  }
}

test('the configurations of the examples are what the plugin takes', async t => {
  const { parseRequest } = await import('../../../cni/request.ts')
  const { parseBridge } = await import('../../../cni/bridge/config.ts')
  const { parseHostLocal } = await import('../../../cni/ipam/host-local-config.ts')
  for (const name of readdirSync(examples).filter(file => file.endsWith('.conflist'))) {
    const { cniVersion, name: network, plugins } = JSON.parse(readFileSync(join(examples, name), 'utf8')) as { readonly cniVersion: string, readonly name: string, readonly plugins: readonly object[] }
    for (const plugin of plugins) {
      const stdin = JSON.stringify({ ...plugin, cniVersion, name: network })
      const request = parseRequest('ADD', { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'c', CNI_NETNS: '/x', CNI_IFNAME: 'eth0', CNI_PATH: '/x' }, stdin)
      t.true(parseBridge(request).isGateway)
      t.true(parseHostLocal(request).sets.length > 0)
    }
  }
})
