/** Addresses as a user meets them: small subnets, fixed addresses of stopped containers, routes that come later. */
import test from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { hostWithBusybox } from './world.ts'

let host: FakeHost
test.before(async () => { host = await hostWithBusybox() })
test.after.always(() => host[Symbol.asyncDispose]())

async function out(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await host.tsnet(...words)
  if (status !== 0 || stderr !== '') throw new Error(`tsnet ${words.join(' ')}: status ${status}: ${stderr}`)
  return stdout.trimEnd()
}

async function addressesOf(name: string): Promise<readonly string[]> {
  const text = await out('exec', name, 'ip', '-o', 'addr', 'show', 'dev', 'eth0')
  return [...text.matchAll(/inet6? (\S+)/g)].map(match => match[1] ?? '').filter(address => !address.startsWith('fe80'))
}

for (const { subnet, members } of [
  { subnet: '10.31.0.0/31', members: ['10.31.0.1/31'] },
  { subnet: '10.30.0.0/30', members: ['10.30.0.2/30'] },
  { subnet: '10.32.0.9/32', members: [] },
  { subnet: 'fd31::/127', members: ['fd31::1/127'] },
  { subnet: 'fd64::/64', members: ['fd64::2/64', 'fd64::3/64'] },
]) {
  test.serial(`the subnet ${subnet} has room for ${members.length} containers, which reach their gateway`, async t => {
    if (!requires.root(t)) return
    const isV6 = subnet.includes(':')
    await out('network', 'create', ...isV6 ? ['--ipv6', '--no-ipv4'] : [], '--subnet', subnet, 'small')
    const [{ Gateway: gateway }] = JSON.parse(await out('network', 'inspect', 'small'))[0].IPAM.Config
    for (const [i, address] of members.entries()) {
      await out('run', '-d', '--name', `m${i}`, '--net', 'small', 'busybox', 'sleep', '1000')
      t.deepEqual(await addressesOf(`m${i}`), [address])
      await out('exec', `m${i}`, 'ping', '-c1', '-W2', gateway)
    }
    if (subnet !== 'fd64::/64') {
      const { status, stderr } = await host.tsnet('run', '--rm', '--net', 'small', 'busybox', 'true')
      t.is(status, 125)
      t.regex(stderr, /has no free address left .*: the network itself \(gateway\).*\(address-pool-exhausted\)\n$/)
    }
    if (members.length > 0) await out('rm', '-f', ...members.map((_, i) => `m${i}`))
    await out('network', 'rm', 'small')
  })
}

test.serial('the address of --ip is a stopped container\'s own until that is removed', async t => {
  if (!requires.root(t)) return
  await out('network', 'create', '--subnet', '10.40.0.0/24', 'blue')
  await out('run', '--name', 'fixed', '--net', 'blue', '--ip', '10.40.0.9', 'busybox', 'true')
  const thief = await host.tsnet('run', '--rm', '--net', 'blue', '--ip', '10.40.0.9', 'busybox', 'true')
  t.is(thief.status, 125)
  t.regex(thief.stderr, /10\.40\.0\.9: it is taken by container "fixed", which does not run; removing that frees it \(address-in-use\)\n$/)
  await out('rm', 'fixed')
  await out('run', '--rm', '--net', 'blue', '--ip', '10.40.0.9', 'busybox', 'true')
  await out('run', '--rm', '--net', 'blue', '--ip', '10.40.0.9', 'busybox', 'true')
  await out('network', 'rm', 'blue')
})

test.serial('a route that comes later and overlaps a network is told of by whoever looks at it or uses it', async t => {
  if (!requires.root(t)) return
  await out('network', 'create', '--subnet', '10.50.0.0/24', 'vpn')
  await host.run('ip', 'route', 'add', '10.48.0.0/12', 'dev', 'up0')
  const told = /^tsnet: warning: network "vpn" with 10\.50\.0\.0\/24 overlaps 10\.48\.0\.0\/12 dev up0, a route of the host that came after it; .*\n$/
  for (const words of [['network', 'ls'], ['network', 'inspect', 'vpn'], ['run', '--rm', '--net', 'vpn', 'busybox', 'true']]) {
    const { status, stderr } = await host.tsnet(...words)
    t.is(status, 0)
    t.regex(stderr, told, words.join(' '))
  }
  t.regex((await host.tsnet('network', 'create', '--subnet', '10.51.0.0/24', 'x')).stderr, /10\.48\.0\.0\/12 dev up0, a route of the host.*\(subnet-overlap\)/)
  await host.run('ip', 'route', 'del', '10.48.0.0/12')
  await out('network', 'ls')
  await out('network', 'rm', 'vpn')
})
