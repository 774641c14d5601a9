/** Neither side has to live for the other, or for the containers: kill -9 of tsnet, of dockerd, and of both, with containers running. */
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { requires } from '../../helpers/requires.ts'
import { DockerLab } from './lab.ts'

const isReady = (t: Parameters<typeof requires.root>[0]): boolean => requires.root(t) && requires.tool(t, 'dockerd')
const curl = async ({ host }: DockerLab, port = 8080): Promise<string> => (await host.try('curl', '-sS', '-m', '5', '--retry', '5', '--retry-connrefused', '--retry-delay', '1', `http://127.0.0.1:${port}/`)).stdout.trim()

/** Nothing of the plugin's is left but networks: collecting takes some seconds after the namespaces have gone. */
async function untilCollected(lab: DockerLab, left: number): Promise<number> {
  for (let tries = 0; tries < 60; tries += 1) {
    const links = (await lab.host.run('ip', '-br', 'link')).split('\n').filter(line => /^t[sc][0-9a-f]{10}/.test(line))
    if (links.length <= left) return links.length
    await sleep(500)
  }
  return -1
}

test.serial('kill -9 of tsnet serve: containers go on, and after its return everything is as it was', async t => {
  if (!isReady(t)) return
  await using lab = await DockerLab.create()
  const before = await lab.host.snapshot()
  await lab.network('blue')
  await lab.web('web', 'blue', '-p', '8080:80')
  await lab.endServe('SIGKILL')
  t.is(await curl(lab), 'web', 'without it')
  await lab.startServe()
  t.is(await curl(lab), 'web', 'after its return')
  await lab.web('two', 'blue', '-p', '8081:80')
  t.is(await curl(lab, 8081), 'two')
  const taken = await lab.daemon.try('run', '--rm', '--network', 'blue', '-p', '8080:80', 'busybox', 'true')
  t.regex(taken.stderr, /port-in-use/, 'the port is held again')
  await lab.docker('restart', '-t', '0', 'web')
  t.is(await curl(lab), 'web')
  await lab.docker('rm', '-f', 'web', 'two')
  await lab.docker('network', 'rm', 'blue')
  await lab.assertAsBefore(before)
})

test.serial('tsnet dies at the moment of a call: dockerd asks again, and the container starts', async t => {
  if (!isReady(t)) return
  await using lab = await DockerLab.create()
  await lab.network('blue')
  await lab.endServe('SIGKILL')
  const run = lab.web('web', 'blue', '-p', '8080:80')
  await sleep(500)
  await lab.startServe()
  await run
  t.is(await curl(lab), 'web')
})

test.serial('kill -9 of dockerd with a container running: nothing is left of it once dockerd is back', async t => {
  if (!isReady(t)) return
  await using lab = await DockerLab.create()
  const before = await lab.host.snapshot()
  await lab.network('blue')
  await lab.web('web', 'blue', '-p', '8080:80')
  await lab.daemon.end('SIGKILL')
  t.is(await curl(lab), 'web', 'without dockerd')
  await lab.daemon.launch()
  t.is(await untilCollected(lab, 0), 0)
  await lab.docker('start', 'web')
  t.is(await curl(lab), 'web')
  await lab.docker('rm', '-f', 'web')
  await lab.docker('network', 'rm', 'blue')
  await lab.assertAsBefore(before)
})

for (const first of ['tsnet', 'dockerd'] as const) {
  test.serial(`kill -9 of both, ${first} back first`, async t => {
    if (!isReady(t)) return
    await using lab = await DockerLab.create()
    const before = await lab.host.snapshot()
    await lab.network('blue', '--subnet', '10.66.0.0/24')
    await lab.web('web', 'blue', '-p', '8080:80', '--ip', '10.66.0.9')
    await Promise.all([lab.endServe('SIGKILL'), lab.daemon.end('SIGKILL')])
    t.is(await curl(lab), 'web', 'without either')
    if (first === 'tsnet') {
      await lab.startServe()
      await lab.daemon.launch()
    } else {
      const launched = lab.daemon.launch()
      await sleep(1000)
      await lab.startServe()
      await launched
    }
    t.is(await untilCollected(lab, 0), 0)
    await lab.docker('start', 'web')
    t.is(await curl(lab), 'web')
    await lab.docker('rm', '-f', 'web')
    await lab.docker('network', 'rm', 'blue')
    await lab.assertAsBefore(before)
  })
}

test.serial('live-restore: a container outlives dockerd, with its addresses and ports', async t => {
  if (!isReady(t)) return
  await using lab = await DockerLab.create({ dockerd: ['--live-restore'] })
  await lab.network('blue')
  await lab.web('web', 'blue', '-p', '8080:80')
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await lab.daemon.end(signal)
    await lab.endServe('SIGKILL')
    await lab.startServe()
    await lab.daemon.launch()
    t.is(await curl(lab), 'web', signal)
    await lab.web('next', 'blue', '-p', '8081:80')
    t.is(await curl(lab, 8081), 'next', 'with another address')
    await lab.docker('rm', '-f', 'next')
  }
  await lab.docker('rm', '-f', 'web')
  await lab.docker('network', 'rm', 'blue')
  t.is(await untilCollected(lab, 0), 0)
})

test.serial('a network that was made and never noted by Docker makes room for its successor', async t => {
  if (!isReady(t)) return
  await using lab = await DockerLab.create()
  const id = 'ef'.repeat(32)
  const request = JSON.stringify({ NetworkID: id, IPv4Data: [{ AddressSpace: 'TsnetLocal', Pool: '10.67.0.0/24', Gateway: '10.67.0.1/24' }] })
  await lab.host.run('curl', '-sS', '--unix-socket', '/run/docker/plugins/tsnet.sock', '-d', request, 'http://x/NetworkDriver.CreateNetwork')
  await lab.network('blue', '--subnet', '10.67.0.0/24')
  await lab.container('one', 'blue')
  t.notRegex((await lab.host.tsnet('network', 'ls', '--no-trunc')).stdout, new RegExp(id))
})

for (const backend of ['iptables', 'nftables'] as const) {
  test.serial(`${backend}: what another program removes comes back while containers run, and is told`, async t => {
    if (!isReady(t)) return
    await using lab = await DockerLab.create({ backend })
    const bridge = 'br-blue'
    await lab.network('blue', '-o', `com.docker.network.bridge.name=${bridge}`)
    await lab.web('web', 'blue', '-p', '8080:80')
    await lab.container('other', 'blue')
    const tables = backend === 'iptables' ? ['iptables -t filter -F', 'iptables -t nat -F', 'iptables -t raw -F'] : ['nft flush ruleset']
    const flush = (): Promise<string> => lab.host.run('sh', '-c', tables.join(' && '))
    const untilTold = async (): Promise<void> => {
      for (let tries = 0; tries < 60 && !lab.log.includes('they are made again'); tries += 1) await sleep(500)
      t.regex(lab.log, /another program removed rules or links of Docker's networks; they are made again \(\d+\)/)
      lab.log = ''
    }
    await flush()
    await untilTold()
    t.is(await curl(lab), 'web')
    await lab.host.run('ip', 'link', 'del', bridge)
    await untilTold()
    t.is(await curl(lab), 'web')
    t.regex(await lab.docker('exec', 'other', 'ping', '-c', '1', '-W', '5', 'web'), / 0% packet loss/)
    await lab.endServe('SIGKILL')
    await flush()
    t.not((await lab.host.try('curl', '-s', '-m', '1', 'http://127.0.0.1:8080/')).stdout.trim(), 'web')
    await lab.host.tsnet('firewall', 'repair')
    t.is(await curl(lab), 'web', 'by the command, without tsnet serve')
    await lab.startServe()
    await lab.docker('rm', '-f', 'web', 'other')
    await lab.docker('network', 'rm', 'blue')
    t.notRegex(await lab.host.run('sh', '-c', 'ip link; iptables-save; nft list ruleset'), /br-blue|8080/)
  })
}
