/** What Docker's containers use of tsnet, in tsnet's own words. */
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { requires } from '../../helpers/requires.ts'
import { DockerLab } from './lab.ts'

test.serial('ps, port, network ls, network inspect and topology show Docker\'s containers under their names', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dockerd')) return
  await using lab = await DockerLab.create()
  const { host } = lab
  const tsnet = async (...args: readonly string[]): Promise<string> => (await host.tsnet(...args)).stdout
  const id = await lab.network('blue')
  const web = await lab.container('web', 'blue', '-p', '8080:80', '-p', '127.0.0.1:5300:53/udp')
  // Names are learned after the container has started.
  for (let tries = 0; tries < 50 && !/ web$/m.test(await tsnet('ps')); tries += 1) await sleep(200)
  t.regex(await tsnet('ps'), new RegExp(`^${web.slice(0, 12)} +busybox +\\(Docker\\).* Up .* 0\\.0\\.0\\.0:8080->80/tcp.* web$`, 'm'))
  t.is(await tsnet('ps', '-q'), '', 'ids are for commands, which are not for Docker\'s containers')
  t.is(await tsnet('port', 'web'), '80/tcp -> 0.0.0.0:8080\n53/udp -> 127.0.0.1:5300\n')
  t.is(await tsnet('port', web.slice(0, 12), '80'), '0.0.0.0:8080\n')
  t.regex(await tsnet('network', 'ls'), new RegExp(`^${id.slice(0, 12)} +blue +bridge +docker$`, 'm'))
  t.regex(await tsnet('network', 'inspect', 'blue'), new RegExp(`"${web}": \\{\\s+"Name": "web"`))
  t.regex(await tsnet('topology'), /web/)
  await lab.docker('rename', 'web', 'shop')
  for (let tries = 0; tries < 50 && !/ shop$/m.test(await tsnet('ps')); tries += 1) await sleep(200)
  t.is(await tsnet('port', 'shop', '80'), '0.0.0.0:8080\n')
  t.regex((await host.tsnet('run', '--network', 'blue', '--rootfs', '/', 'true')).stderr, /it is Docker's.*\(network-foreign\)/)
  t.is((await host.tsnet('rm', 'shop')).stderr, 'tsnet: find container "shop": there is none of that name or id, but one of Docker\'s: ask docker (container-not-found)\n')
  t.regex((await host.tsnet('network', 'rm', 'blue')).stderr, /network-in-use/)
  await host.tsnet('network', 'prune', '-f')
  t.regex(await tsnet('network', 'ls'), /blue/)
})
