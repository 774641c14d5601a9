/** Many containers of one network that come and go at once: dockerd's own count of them must hold, or the network cannot be removed. */
import test from 'ava'
import { requires } from '../../helpers/requires.ts'
import { DockerLab } from './lab.ts'

const names = Array.from({ length: 24 }, (_, i) => `c${i}`)

test.serial('networks whose containers were all removed at once can be removed', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dockerd')) return
  await using lab = await DockerLab.create()
  const before = await lab.host.snapshot()
  for (const network of ['red', 'blue']) {
    await lab.network(network)
    await Promise.all(names.map(name => lab.container(name, network)))
    await Promise.all(names.map(name => lab.docker('rm', '-f', name)))
    await lab.docker('network', 'rm', network)
  }
  t.notRegex((await lab.host.tsnet('network', 'ls')).stdout, /docker/)
  await lab.assertAsBefore(before)
})

test.serial('while containers come, others go', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dockerd')) return
  await using lab = await DockerLab.create()
  await lab.network('blue')
  const half = names.slice(0, 12)
  await Promise.all(half.map(name => lab.container(name, 'blue')))
  await Promise.all([...half.map(name => lab.docker('rm', '-f', name)), ...half.map(name => lab.container(`${name}b`, 'blue'))])
  t.regex((await lab.daemon.try('network', 'rm', 'blue')).stderr, /active endpoints/)
  await Promise.all(half.map(name => lab.docker('rm', '-f', `${name}b`)))
  await lab.docker('network', 'rm', 'blue')
})
