/** IPv6 clients of a container without IPv6 (`tsnet.ipv6_proxy`), as a user has it: who reaches it, what the container is told, what survives. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { eventually } from '../../integration/runtime/container/host.ts'
import { hostWithBusybox } from './world.ts'

function tsnetOf(t: ExecutionContext, host: FakeHost): (...args: readonly string[]) => Promise<string> {
  return async (...args) => {
    const { status, stdout, stderr } = await host.tsnet(...args)
    t.is(status, 0, `${args.join(' ')}: ${stderr}`)
    return stdout.trimEnd()
  }
}

const httpd = ['busybox', 'httpd', '-f', '-p', '80', '-h', '/etc'] as const
const statusOf = async (from: FakeHost | FakeHost['outside'], url: string): Promise<number> => (await from.try('curl', '-sfg', '--max-time', '3', url)).status

test.serial('TCP ports of a container without IPv6 are reached over IPv6, also when the proxy is killed, and until they are removed', async t => {
  if (!requires.root(t)) return
  await using host = await hostWithBusybox()
  const tsnet = tsnetOf(t, host)
  await tsnet('network', 'create', '-o', 'tsnet.ipv6_proxy=true', 'six')
  await tsnet('run', '-d', '--name', 'web', '--network', 'six', '-p', '8888:80', '-p', '53:53/udp', ...httpd)
  t.is(await tsnet('port', 'web'), '80/tcp -> 0.0.0.0:8888\n80/tcp -> [::]:8888\n53/udp -> 0.0.0.0:53')
  const reached = (port: number): Promise<void> => eventually(async () => {
    for (const from of [host, host.outside]) {
      const status = await statusOf(from, `http://[2001:db8::1]:${port}/passwd`)
      if (status !== 0) throw new Error(`curl ${status}`)
    }
  })
  await t.notThrowsAsync(reached(8888))
  t.is(await statusOf(host, 'http://[::1]:8888/passwd'), 0)
  t.is(await statusOf(host.outside, 'http://192.0.2.1:8888/passwd'), 0, 'IPv4 goes through no process')
  await tsnet('port', 'add', 'web', '9999:80')
  await t.notThrowsAsync(reached(9999))

  const { pid } = JSON.parse(readFileSync(join(host.roots.runRoot, 'resolver.lock'), 'utf8')) as { readonly pid: number }
  process.kill(pid, 'SIGKILL')
  t.is(await statusOf(host.outside, 'http://[2001:db8::1]:8888/passwd'), 0, 'a client waits for the successor')

  await tsnet('port', 'rm', 'web', '9999:80')
  await eventually(async () => {
    if (await statusOf(host, 'http://[::1]:9999/passwd') !== 7) throw new Error('not refused')
    if ((await host.try('timeout', '0.2', 'nc', '-l', '-p', '9999')).stderr.includes('in use')) throw new Error('still held')
  })
  t.is(await statusOf(host, 'http://[::1]:8888/passwd'), 0)
  await tsnet('rm', '-f', 'web')
  await tsnet('network', 'rm', 'six')
  t.is(await host.run('ss', '-Htln'), '')
})

test.serial('the container is told who the client is, in either version of the PROXY protocol', async t => {
  if (!requires.root(t)) return
  await using host = await hostWithBusybox()
  const tsnet = tsnetOf(t, host)
  for (const [version, port] of [['v1', 7001], ['v2', 7002]] as const) {
    await tsnet('network', 'create', '-o', `tsnet.ipv6_proxy=${version}`, version)
    await tsnet('run', '-d', '--name', version, '--network', version, '-p', `${port}:80`, 'busybox', 'sh', '-c', 'nc -l -p 80 | head -c 80 | od -An -tx1 -v')
    await host.outside.run('sh', '-c', `printf hello | nc -6 -w 2 -p 6000 2001:db8::1 ${port} || true`)
    const bytes = Buffer.from((await eventuallyText(() => tsnet('logs', version))).replace(/\s+/g, ''), 'hex')
    if (version === 'v1') t.is(bytes.toString(), `PROXY TCP6 2001:db8::2 2001:db8::1 6000 ${port}\r\nhello`)
    else {
      t.is(bytes.subarray(0, 12).toString('hex'), '0d0a0d0a000d0a515549540a')
      t.is(bytes.subarray(12, 16).toString('hex'), '21210024')
      t.is(bytes.subarray(16, 48).toString('hex'), '20010db800000000000000000000000220010db8000000000000000000000001')
      t.deepEqual([bytes.readUInt16BE(48), bytes.readUInt16BE(50), bytes.subarray(52).toString()], [6000, port, 'hello'])
    }
    await tsnet('rm', '-f', version)
    t.not(await host.run('ss', '-Htan6', `sport = ${port}`), '', 'connections that have ended are remembered by the kernel for a minute')
    await tsnet('run', '-d', '--name', version, '--network', version, '-p', `${port}:80`, 'busybox', 'sleep', '60')
    await tsnet('rm', '-f', version)
    await tsnet('network', 'rm', version)
  }
})

async function eventuallyText(read: () => Promise<string>): Promise<string> {
  let text = ''
  await eventually(async () => {
    text = await read()
    if (text === '') throw new Error('nothing yet')
  })
  return text
}

test.serial('the publish policy of the network holds for IPv6 clients too', async t => {
  if (!requires.root(t)) return
  await using host = await hostWithBusybox()
  const tsnet = tsnetOf(t, host)
  for (const [policy, port, isOpen] of [['2001:db8::/64', 7001, true], ['192.0.2.0/24', 7002, false]] as const) {
    const name = `net${port}`
    await tsnet('network', 'create', '-o', 'tsnet.ipv6_proxy=true', '--publish-policy', policy, name)
    await tsnet('run', '-d', '--name', name, '--network', name, '-p', `${port}:80`, ...httpd)
    await eventually(async () => {
      if (await statusOf(host, `http://[2001:db8::1]:${port}/passwd`) !== 0) throw new Error('the host is not served')
    })
    t.is(await statusOf(host.outside, `http://[2001:db8::1]:${port}/passwd`) === 0, isOpen, policy)
    await tsnet('rm', '-f', name)
    await tsnet('network', 'rm', name)
  }
})

test.serial('without the option there is no process in the way, and wrong values are refused', async t => {
  if (!requires.root(t)) return
  await using host = await hostWithBusybox()
  const tsnet = tsnetOf(t, host)
  t.regex((await host.tsnet('network', 'create', '-o', 'tsnet.ipv6_proxy=v3', 'six')).stderr, /it is true, false, or the version of the PROXY protocol, v1 or v2/)
  await tsnet('run', '-d', '--name', 'web', '-p', '8888:80', ...httpd)
  t.is(await tsnet('port', 'web'), '80/tcp -> 0.0.0.0:8888')
  t.is(await host.run('ss', '-Htln'), '')
  await tsnet('rm', '-f', 'web')
})
