/** A real dockerd whose network driver and IPAM driver is tsnet. */
import test from 'ava'
import { requires } from '../../helpers/requires.ts'
import { DockerLab } from './lab.ts'

test.serial('docker network create, run -p, ping by name, and removal leave the host as before', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dockerd')) return
  await using lab = await DockerLab.create()
  const { host } = lab
  const before = await host.snapshot()
  await lab.network('blue')
  await lab.web('web', 'blue', '-p', '8080:80')
  await lab.container('peer', 'blue')
  const curl = async (url: string): Promise<string> => (await host.run('curl', '-sS', '-m', '5', '--retry', '5', '--retry-connrefused', '--retry-delay', '1', url)).trim()
  t.is(await curl('http://127.0.0.1:8080/'), 'web')
  t.is((await host.outside.run('curl', '-sS', '-m', '5', '--retry', '5', '--retry-connrefused', '--retry-delay', '1', 'http://192.0.2.1:8080/')).trim(), 'web')
  t.regex(await lab.docker('exec', 'peer', 'ping', '-c', '1', '-W', '2', 'web'), /1 packets received/)
  t.regex(await lab.get('web', '192.0.2.1', 8080), /^web$/m)
  await lab.docker('rm', '-f', 'web', 'peer')
  await lab.docker('network', 'rm', 'blue')
  await lab.assertAsBefore(before)
})
