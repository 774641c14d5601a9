/** tsnet as a managed plugin: built, created, enabled, used, disabled. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { DockerDaemon } from '../../helpers/docker-daemon.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { buildPlugin } from '../../../scripts/build-plugin.ts'

test.serial('docker plugin create, enable, network create -d, run -p; the plugin comes back with dockerd', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dockerd')) return
  await using host = await FakeHost.create()
  await using daemon = await DockerDaemon.start()
  const folder = join(daemon.folder, 'plugin')
  await buildPlugin(folder)
  await daemon.docker('plugin', 'create', 'tsnet', folder)
  rmSync(folder, { recursive: true })
  await daemon.docker('plugin', 'enable', 'tsnet')
  await daemon.docker('network', 'create', '-d', 'tsnet:latest', '--ipam-driver', 'tsnet:latest', 'blue')
  const web = (name: string, port: number): Promise<string> => daemon.docker('run', '-d', '--name', name, '--network', 'blue', '-p', `${port}:80`, 'busybox',
    'sh', '-c', `mkdir /www && echo ${name} >/www/index.html && exec httpd -f -p 80 -h /www`)
  const curl = async (port: number): Promise<string> =>
    (await host.outside.run('curl', '-sS', '-m', '5', '--retry', '5', '--retry-connrefused', '--retry-delay', '1', `http://192.0.2.1:${port}/`)).trim()
  await web('one', 8080)
  t.is(await curl(8080), 'one')
  await daemon.end('SIGTERM')
  await daemon.launch()
  await web('two', 8081)
  t.is(await curl(8081), 'two')
  await daemon.docker('rm', '-f', 'one', 'two')
  await daemon.docker('network', 'rm', 'blue')
  await daemon.docker('plugin', 'disable', 'tsnet')
  await daemon.docker('plugin', 'rm', 'tsnet')
  t.notRegex(await host.run('ip', '-br', 'link'), /^(tsbr|ts[0-9a-f]{10})/m)
})
