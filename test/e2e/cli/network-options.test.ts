/** Options of networks and endpoints that have no file of their own, each by what it does, seen with ip and with packets. */
import { once } from 'node:events'
import test from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { Namespace } from '../../helpers/namespace.ts'
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

async function addresses(name: string, dev = 'eth0'): Promise<readonly string[]> {
  const text = await out('exec', name, 'ip', '-o', 'addr', 'show', 'dev', dev)
  return [...text.matchAll(/inet6? (\S+)/g)].map(match => match[1] ?? '')
}

test.serial('link-local addresses are further addresses, reach the other members, and are nobody else\'s', async t => {
  if (!requires.root(t)) return
  await out('network', 'create', '--ipv6', '--subnet', 'fd44::/64', 'blue')
  await out('run', '-d', '--name', 'aa', '--net', 'blue', '--link-local-ip', '169.254.7.7', '--link-local-ip', 'fe80::77', 'busybox', 'sleep', '1000')
  await out('run', '-d', '--name', 'bb', '--network', 'name=blue,link-local-ip=169.254.7.8', 'busybox', 'sleep', '1000')
  const found = await addresses('aa')
  t.true(['169.254.7.7/16', 'fe80::77/64'].every(address => found.includes(address)), found.join())
  await out('exec', 'bb', 'ping', '-c1', '-W2', '169.254.7.7')
  await out('exec', 'bb', 'ping', '-6', '-c1', '-W2', '-I', 'eth0', 'fe80::77')
  t.deepEqual(JSON.parse(await out('inspect', 'aa'))[0].NetworkSettings.Networks.blue.IPAMConfig, { LinkLocalIPs: ['169.254.7.7', 'fe80::77'] })
  await out('network', 'create', 'red')
  await out('network', 'connect', '--link-local-ip', '169.254.7.7', 'red', 'bb')
  t.true((await addresses('bb', 'eth1')).includes('169.254.7.7/16'), 'on another network it is free')
  for (const [address, message] of [
    ['169.254.7.7', /169\.254\.7\.7 on network "blue": endpoint "aa" has it \(address-in-use\)/], ['10.0.0.1', /it is neither in 169\.254\.0\.0\/16 nor in fe80::\/10/],
    ['nonsense', /--link-local-ip "nonsense": it is no IP address/],
  ] as const) {
    const { status, stderr } = await host.tsnet('run', '--rm', '--net', 'blue', '--link-local-ip', address, 'busybox', 'true')
    t.is(status, 125)
    t.regex(stderr, message)
  }
  t.regex((await host.tsnet('run', '--rm', '--net', 'red', '--link-local-ip', 'fe80::5', 'busybox', 'true')).stderr, /the network has no IPv6 \(invalid-address\)/)
  await out('rm', '-f', 'aa', 'bb')
  await out('network', 'rm', 'blue', 'red')
})

test.serial('a network of IPv6 alone gives no IPv4, and its containers reach each other', async t => {
  if (!requires.root(t)) return
  for (const flags of [['--ipv4=false', '--ipv6'], ['--no-ipv4', '--ipv6', '--attachable']]) {
    await out('network', 'create', ...flags, '--subnet', 'fd45::/64', 'six')
    const [network] = JSON.parse(await out('network', 'inspect', 'six'))
    t.like(network, { EnableIPv4: false, EnableIPv6: true })
    await out('run', '-d', '--name', 'aa', '--net', 'six', 'busybox', 'sleep', '1000')
    t.deepEqual((await addresses('aa')).filter(address => !address.includes(':')), [])
    await out('run', '--rm', '--net', 'six', 'busybox', 'ping', '-6', '-c1', '-W2', 'fd45::2')
    await out('rm', '-f', 'aa')
    await out('network', 'rm', 'six')
  }
})

test.serial('container_iface_prefix names the interfaces of the network\'s endpoints', async t => {
  if (!requires.root(t)) return
  await out('network', 'create', '-o', 'com.docker.network.container_iface_prefix=lan', 'named')
  t.regex(await out('run', '--rm', '--net', 'named', 'busybox', 'ip', '-o', 'link', 'show', 'lan0'), /lan0/)
  await out('network', 'rm', 'named')
})

for (const backend of ['iptables', 'nftables'] as const) {
  test.serial(`${backend}: host_ipv4 and host_ipv6 are what the world sees, and host_binding_ipv4 where ports are published`, async t => {
    if (!requires.root(t) || !requires.tool(t, 'curl')) return
    await out('firewall', 'use', backend)
    for (const [address, family] of [['192.0.2.77/24', '-4'], ['2001:db8::77/64', '-6']] as const) {
      await host.run('ip', family, 'addr', 'add', address, 'dev', 'up0', ...family === '-6' ? ['nodad'] : [])
    }
    await out('network', 'create', '--ipv6', '--subnet', 'fd46::/64', '-o', 'com.docker.network.host_ipv4=192.0.2.77', '-o', 'com.docker.network.host_ipv6=2001:db8::77',
      '-o', 'com.docker.network.bridge.host_binding_ipv4=192.0.2.77', 'snat')
    await out('run', '-d', '--name', 'client', '--net', 'snat', '-p', '8081:80', 'busybox', 'sh', '-c', 'while true; do echo here | nc -l -p 80; done')
    await using inside = new Namespace('client', await out('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', 'client'))
    await using _server = await host.outside.serveTcp(7001)
    for (const [url, seen] of [['telnet://192.0.2.2:7001', '192.0.2.77'], ['telnet://[2001:db8::2]:7001', '2001:db8::77']] as const) {
      t.is((await inside.try('curl', '-sg', '--max-time', '3', url)).stdout.trim(), seen, url)
    }
    t.regex(await out('port', 'client'), /80\/tcp -> 192\.0\.2\.77:8081/)
    await out('rm', '-f', 'client')
    await out('network', 'rm', 'snat')
    for (const address of ['192.0.2.77/24', '2001:db8::77/64']) await host.run('ip', 'addr', 'del', address, 'dev', 'up0')
  })
}

test.serial('a container that has ended is connected to no network, and disconnected from its own; -f takes it for done', async t => {
  if (!requires.root(t)) return
  await out('network', 'create', 'blue')
  await out('run', '--name', 'ended', '--net', 'blue', 'busybox', 'true')
  const { status, stderr } = await host.tsnet('network', 'connect', 'bridge', 'ended')
  t.is(status, 1)
  t.regex(stderr, /"ended": it does not run.*\(container-not-running\)\n$/)
  await out('network', 'disconnect', 'blue', 'ended')
  await out('network', 'disconnect', '-f', 'blue', 'ended')
  await out('rm', 'ended')
  const stream = host.startTsnet('network', 'rm', 'blue')
  await once(stream, 'exit')
  t.false((await out('network', 'ls')).includes('blue'))
})
