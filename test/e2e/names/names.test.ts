/** Containers of a user-defined network find each other by name: from outside, with dig, and by the C library inside. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import test from 'ava'
import { requires } from '../../helpers/requires.ts'
import { Lab, dig } from './lab.ts'

/** Its descriptors are closed before it is dead for all eyes. */
async function gone(pid: number): Promise<void> {
  const state = (): string => existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /, '')[0] ?? 'Z' : 'Z'
  for (const deadline = Date.now() + 5000; state() !== 'Z';) {
    if (Date.now() > deadline) throw new Error('the resolver goes on')
    await setTimeout(5)
  }
}

for (const backend of ['iptables', 'nftables']) {
  test.serial(`${backend}: names, addresses and the rest of the world, until the last network is gone`, async t => {
    if (!requires.root(t) || !requires.tool(t, 'dig')) return
    await using lab = await Lab.create()
    await lab.ok('firewall', 'use', backend)
    const before = await lab.host.snapshot()
    await lab.ok('network', 'create', '--ipv6', 'blue')
    t.throws(() => lab.resolver(), { code: 'ENOENT' }, 'nobody needs it yet')
    const id = await lab.ok('run', '-d', '--name', 'web', '--net', 'blue', '--network-alias', 'api', '-h', 'www.corp', 'busybox', 'sleep', '1000')
    await lab.ok('run', '-d', '--name', 'client', '--net', 'blue', '--network-alias', 'api', '--dns', '192.0.2.1', 'busybox', 'sleep', '1000')
    const [client, web] = [await lab.inside('client'), await lab.inside('web')]
    const [v4 = '', v6 = ''] = lab.resolver().listening
    t.is(await lab.ok('exec', 'client', 'cat', '/etc/resolv.conf'), `nameserver ${v4}\nnameserver ${v6}\nsearch corp.example\noptions ndots:0`)
    const address = '172.18.0.2'
    t.is(await lab.ok('inspect', '-f', '{{.NetworkSettings.Networks.blue.IPAddress}}', 'web'), address)

    for (const name of ['web', 'WEB', 'web.blue', id.slice(0, 12), 'www.corp']) t.deepEqual(await dig(client, `@${v4}`, name), [address], name)
    t.deepEqual(await dig(client, `@${v4}`, 'api'), [address, '172.18.0.3'])
    t.regex((await dig(client, `@${v6}`, 'web', 'AAAA')).join(), /^fd[0-9a-f:]+$/)
    t.deepEqual(await dig(client, `@${v4}`, '+tcp', 'web'), [address])
    const linkLocal = /inet6 (fe80:[0-9a-f:]+)/.exec(await client.run('ip', '-6', 'addr', 'show', 'dev', 'eth0', 'scope', 'link'))?.[1] ?? ''
    t.deepEqual(await dig(client, `@${v6}`, '+tcp', '-b', linkLocal, 'web'), [address], 'from an address with a zone')
    t.deepEqual(await dig(client, `@${v4}`, '-x', address), ['web.blue.'])
    t.deepEqual(await dig(client, `@${v4}`, 'web', 'MX'), ['NOERROR'])
    t.regex(await lab.ok('exec', 'client', 'ping', '-c1', 'api.blue'), /1 packets received/)
    t.deepEqual(lab.asked, [], 'names of ours are nobody else\'s business')
    t.deepEqual(await dig(web, `@${v4}`, 'example.com'), ['203.0.113.1'], 'by the server on the loopback of the host')
    t.deepEqual(await dig(web, `@${v4}`, '+tcp', 'stream.example'), ['203.0.113.1'])
    t.deepEqual(lab.asked, ['example.com', 'stream.example'])
    t.deepEqual(await dig(client, `@${v4}`, 'example.org'), ['SERVFAIL'], 'its own server, which is not there')
    t.is(lab.asked.length, 2)

    const { pid } = lab.resolver()
    await lab.ok('rm', '-f', 'web', 'client')
    await lab.ok('network', 'rm', 'blue')
    await gone(pid)
    // That the host forwards stays; the cgroup hierarchies are the machine's, and containers' own are tested with them.
    await lab.host.assertAsBefore(before, { except: [/ip_forward|forwarding|accept_redirects|accept_ra/, / cgroups: /, /\+ files: .*(tsnet\.db|firewall\.lock|\/(netns|owners|containers|layers|rootfs|roots))/] })
  })
}

test.serial('several first containers start one resolver, which is started by the next command when it was killed together with its watcher', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dig')) return
  await using lab = await Lab.create()
  await lab.ok('network', 'create', 'blue')
  await Promise.all(['c1', 'c2', 'c3'].map(name => lab.ok('run', '-d', '--name', name, '--net', 'blue', 'busybox', 'sleep', '1000')))
  const { pid, listening } = lab.resolver()
  const a = await lab.inside('c1')
  t.deepEqual(await dig(a, `@${listening[0]}`, 'c2'), await dig(a, `@${listening[0]}`, 'c2.blue'))
  t.is(readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n').filter(line => /:(pids|memory):/.test(line) && !line.endsWith(':/')).join(), '')

  const questions = Array.from({ length: 100 }, (_, i) => i % 2 === 0 ? 'c3' : `n${i}.example`)
  const child = a.spawn(['dig', `@${listening[0]}`, '+short', '+tries=1', ...questions], { stdio: ['ignore', 'pipe', 'inherit'] })
  let lines = 0
  child.stdout?.on('data', (chunk: Buffer) => { lines += String(chunk).split('\n').length - 1 })
  await once(child, 'close')
  t.is(lines, 100)
  const parallel = await Promise.all(Array.from({ length: 100 }, (_, i) => dig(a, `@${listening[0]}`, i % 2 === 0 ? 'c3' : `m${i}.example`)))
  t.deepEqual(new Set(parallel.flat()), new Set([...await dig(a, `@${listening[0]}`, 'c3'), '203.0.113.1']))

  lab.killWithWatcher()
  await gone(pid)
  await lab.ok('ps')
  await lab.resolverOtherThan(pid)
  t.deepEqual(await dig(a, `@${listening[0]}`, 'c2'), await dig(a, `@${listening[0]}`, 'c2'))

  lab.killWithWatcher()
  await lab.ok('rm', '-f', 'c1', 'c2', 'c3')
  await lab.ok('network', 'rm', 'blue')
  t.throws(() => lab.resolver(), { code: 'ENOENT' })
})

test.serial('questions that come while the resolver is dead wait for its successor, by datagram and stream', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dig')) return
  await using lab = await Lab.create()
  await lab.ok('network', 'create', '--ipv6', 'blue')
  await lab.ok('network', 'create', 'green')
  for (const [name, network] of [['c1', 'blue'], ['c2', 'green']] as const) await lab.ok('run', '-d', '--name', name, '--net', network, 'busybox', 'sleep', '1000')
  await lab.listensOn(3)
  const [one, two] = [await lab.inside('c1'), await lab.inside('c2')]
  const [v4, v6, other] = [await lab.gateway('blue', 4), await lab.gateway('blue', 6), await lab.gateway('green', 4)]
  const answers = new Set<number>()
  for (let deaths = 0; deaths < 3; deaths++) {
    const { pid } = lab.resolver()
    answers.add(pid)
    process.kill(pid, 'SIGKILL')
    // dig asks once and waits: a socket that nobody has would refuse, and a lost question have no answer.
    const told = await Promise.all([
      dig(one, `@${v4}`, 'c1'), dig(one, `@${v6}`, 'c1'), dig(two, `@${other}`, 'c2'), dig(two, `@${other}`, '+tcp', 'c2.green'), dig(two, `@${other}`, 'c1'),
    ])
    t.regex(told.slice(0, 4).join(), /^172\.18\.0\.2,172\.18\.0\.2,(172\.[0-9.]+),\1$/)
    t.deepEqual(told[4], ['203.0.113.1'], 'another network\'s name')
    await lab.resolverOtherThan(pid)
  }
  t.is(answers.size, 3, 'each time another process')
  const watcher = lab.watcher()
  const socketsOf = (pid: number | string): readonly string[] =>
    readdirSync(`/proc/${pid}/fd`).map(fd => readlinkSync(`/proc/${pid}/fd/${fd}`)).filter(target => target.startsWith('socket:'))
  t.is(socketsOf(watcher).length, 2, 'the watcher has the vault alone')
  await lab.ok('rm', '-f', 'c2')
  await lab.ok('network', 'rm', 'green')
  await lab.listensOn(2)
  const taken = await lab.host.try('dig', '+tries=1', '+time=1', `@${other}`, 'c2')
  t.not(taken.status, 0)
  t.false((await lab.host.run('ss', '-Hlntu')).includes(`${other}:`), 'nobody keeps the sockets of a network that is gone')
  await lab.ok('rm', '-f', 'c1')
  await lab.ok('network', 'rm', 'blue')
  t.false(existsSync(`/proc/${watcher}`) && !readFileSync(`/proc/${watcher}/stat`, 'utf8').includes(') Z '))
})

test.serial('a watcher that is killed alone has a successor, with a resolver of its own, and no question is lost', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dig')) return
  await using lab = await Lab.create()
  await lab.ok('network', 'create', 'blue')
  await lab.ok('run', '-d', '--name', 'c1', '--net', 'blue', 'busybox', 'sleep', '1000')
  const [inside, v4] = [await lab.inside('c1'), await lab.gateway('blue', 4)]
  for (let deaths = 0; deaths < 2; deaths++) {
    const [{ pid }, watcher] = [lab.resolver(), lab.watcher()]
    process.kill(watcher, 'SIGKILL')
    const succession = lab.resolverOtherThan(pid)
    let isOver = false
    void succession.finally(() => { isOver = true })
    for (let number = 0; !isOver; number++) {
      t.deepEqual(await Promise.all([dig(inside, `@${v4}`, 'c1'), dig(inside, `@${v4}`, `q${deaths}-${number}.example`)]), [['172.18.0.2'], ['203.0.113.1']])
    }
    await succession
    await gone(pid)
    t.not(lab.watcher(), watcher)
    t.is(readFileSync(`/proc/${lab.watcher()}/comm`, 'utf8'), 'tsnet-watcher\n')
  }
  const { pid } = lab.resolver()
  process.kill(pid, 'SIGKILL')
  t.deepEqual(await dig(inside, `@${v4}`, 'c1'), ['172.18.0.2'], 'it is watched again')
  await lab.resolverOtherThan(pid)
  const [last, watcher] = [lab.resolver(), lab.watcher()]
  await lab.ok('rm', '-f', 'c1')
  await lab.ok('network', 'rm', 'blue')
  await gone(last.pid)
  await gone(watcher)
})

test.serial('nobody but members is answered where a network is asked, by no link and in neither family', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dig')) return
  await using lab = await Lab.create()
  for (const network of ['blue', 'green']) {
    await lab.ok('network', 'create', '--ipv6', network)
    await lab.ok('run', '-d', '--name', `of-${network}`, '--net', network, 'busybox', 'sleep', '1000')
  }
  const places = lab.resolver().listening
  t.is(places.length, 4)
  const [inside, outside, v4, v6] = [await lab.inside('of-green'), lab.host.outside, await lab.gateway('blue', 4), await lab.gateway('blue', 6)]
  await outside.run('ip', 'route', 'add', `${v4}/32`, 'via', '192.0.2.1')
  await outside.run('ip', '-6', 'route', 'add', `${v6}/128`, 'via', '2001:db8::1')
  const questions = [inside, outside].flatMap(from => [v4, v6].flatMap(address => [[], ['+tcp']].map(options =>
    from.try('dig', '+tries=1', '+time=1', '-p', '10053', ...options, `@${address}`, 'of-blue'))))
  for (const { status, stdout } of await Promise.all(questions)) t.is(status, 9, `no reply: ${stdout}`)
  t.deepEqual(lab.asked, [])
  const own = await lab.inside('of-blue')
  for (const address of [v4, v6]) for (const options of [[], ['+tcp']]) t.deepEqual(await dig(own, `@${address}`, ...options, 'of-blue'), [v4.replace(/1$/, '2')])
  await lab.ok('rm', '-f', 'of-blue', 'of-green')
  await lab.ok('network', 'rm', 'blue', 'green')
})

test.serial('a member of an internal network knows its own network and asks nobody; the default network has no names', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dig')) return
  await using lab = await Lab.create()
  await lab.ok('network', 'create', '--internal', 'closed')
  for (const name of ['c1', 'c2']) await lab.ok('run', '-d', '--name', name, '--net', 'closed', 'busybox', 'sleep', '1000')
  const [inside, [v4]] = [await lab.inside('c1'), lab.resolver().listening]
  t.regex((await dig(inside, `@${v4}`, 'c2')).join(), /^172\./)
  t.deepEqual(await dig(inside, `@${v4}`, 'example.com'), ['SERVFAIL'])
  t.deepEqual(lab.asked, [])
  t.is(await lab.ok('run', '--rm', '--dns', '192.0.2.2', 'busybox', 'cat', '/etc/resolv.conf'), 'nameserver 192.0.2.2\nsearch corp.example')
  const refused = await lab.host.tsnet('run', '--rm', '--network-alias', 'x', 'busybox', 'true')
  t.regex(refused.stderr, /--network-alias is for user-defined networks.*\(conflicting-options\)/)
  await lab.ok('rm', '-f', 'c1', 'c2')
  await lab.ok('network', 'rm', 'closed')
  await lab.ok('network', 'rm', 'bridge')
})

test.serial('a container of the default network is given names with a network of its own, and loses them with it', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dig')) return
  await using lab = await Lab.create()
  await lab.realUpstreams('192.0.2.53')
  const conf = (): Promise<string> => lab.ok('exec', 'c1', 'cat', '/etc/resolv.conf')
  await lab.ok('run', '-d', '--name', 'c1', '-h', 'first', 'busybox', 'sleep', '1000')
  t.is(await conf(), 'nameserver 192.0.2.53\nsearch corp.example', 'systemd-resolved\'s own upstreams: its stub is the host\'s alone')
  await lab.ok('network', 'create', 'blue')
  await lab.ok('network', 'connect', '--alias', 'api', 'blue', 'c1')
  const [address = ''] = lab.resolver().listening
  t.is(await conf(), `nameserver ${address}\nsearch corp.example\noptions ndots:0`)
  const inside = await lab.inside('c1')
  for (const name of ['c1', 'api', 'first', 'first.blue']) t.deepEqual(await dig(inside, `@${address}`, name), [address.replace(/1$/, '2')], name)
  t.regex(await lab.ok('exec', 'c1', 'ping', '-c1', 'api'), /1 packets received/)
  t.deepEqual(await dig(inside, `@${address}`, 'example.com'), ['203.0.113.1'], 'by the stub, which the resolver can reach')
  await lab.ok('network', 'disconnect', 'blue', 'c1')
  t.is(await conf(), 'nameserver 192.0.2.53\nsearch corp.example')
  await lab.ok('rm', '-f', 'c1')
  await lab.ok('network', 'rm', 'blue')
  await lab.ok('network', 'rm', 'bridge')
})

test.serial('members of a network in which the host has no address ask on 127.0.0.11, each its own, also after a death', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dig')) return
  await using lab = await Lab.create()
  const before = await lab.host.snapshot()
  const mode = (family: 4 | 6): readonly string[] => ['-o', `com.docker.network.bridge.gateway_mode_ipv${family}=isolated`]
  await lab.ok('network', 'create', '--internal', '--ipv6', ...mode(4), ...mode(6), 'alone')
  await lab.ok('network', 'create', '--internal', '--subnet', '10.77.0.0/24', ...mode(4), 'apart')
  for (const name of ['a1', 'a2']) await lab.ok('run', '-d', '--name', name, '--net', 'alone', 'busybox', 'sleep', '1000')
  await lab.ok('run', '-d', '--name', 'b1', '--net', 'apart', '--network-alias', 'db', 'busybox', 'sleep', '1000')
  t.is(await lab.ok('exec', 'a1', 'cat', '/etc/resolv.conf'), 'nameserver 127.0.0.11\nsearch corp.example\noptions ndots:0')
  const [a1, b1] = [await lab.inside('a1'), await lab.inside('b1')]
  const other = await lab.ok('inspect', '-f', '{{.NetworkSettings.Networks.alone.IPAddress}}', 'a2')
  const { pid } = lab.resolver()
  for (const options of [[], ['+tcp']]) {
    for (const name of ['a2', 'a2.alone']) t.deepEqual(await dig(a1, '@127.0.0.11', ...options, name), [other], name)
    t.deepEqual(await dig(b1, '@127.0.0.11', ...options, 'db'), ['10.77.0.1'])
    t.deepEqual(await dig(a1, '@127.0.0.11', ...options, 'db'), ['SERVFAIL'], 'another network\'s, and nobody else is asked')
    t.deepEqual(await dig(b1, '@127.0.0.11', ...options, '-x', '10.77.0.1'), ['b1.apart.'])
  }
  t.regex((await dig(a1, '@127.0.0.11', 'a2', 'AAAA')).join(), /^fd/)
  t.regex(await lab.ok('exec', 'a1', 'ping', '-c1', 'a2'), /1 packets received/)
  t.deepEqual(lab.asked, [])
  process.kill(pid, 'SIGKILL')
  t.deepEqual(await Promise.all([dig(a1, '@127.0.0.11', 'a2'), dig(b1, '@127.0.0.11', 'db')]), [[other], ['10.77.0.1']])

  await lab.ok('network', 'connect', 'apart', 'a1')
  t.deepEqual(await dig(a1, '@127.0.0.11', 'db'), ['10.77.0.1'], 'on both now')
  await lab.ok('network', 'create', 'open')
  await lab.ok('network', 'connect', 'open', 'a1')
  const [gateway] = [await lab.gateway('open', 4)]
  t.is(await lab.ok('exec', 'a1', 'cat', '/etc/resolv.conf'), `nameserver ${gateway}\nsearch corp.example\noptions ndots:0`)
  for (const [name, address] of [['db', '10.77.0.1'], ['a2', other], ['example.com', '203.0.113.1']] as const) t.deepEqual(await dig(a1, `@${gateway}`, name), [address])
  await lab.ok('network', 'disconnect', 'open', 'a1')
  t.is(await lab.ok('exec', 'a1', 'cat', '/etc/resolv.conf'), 'nameserver 127.0.0.11\nsearch corp.example\noptions ndots:0')
  t.deepEqual(await dig(a1, '@127.0.0.11', 'db'), ['10.77.0.1'])
  await lab.ok('network', 'rm', 'open')
  const last = lab.resolver().pid
  await lab.ok('rm', '-f', 'a1', 'a2', 'b1')
  await lab.ok('network', 'rm', 'alone')
  await lab.ok('network', 'rm', 'apart')
  await gone(last)
  await lab.host.assertAsBefore(before, { except: [/ip_forward|forwarding|accept_redirects|accept_ra/, / cgroups: /, /\+ files: .*(tsnet\.db|firewall\.lock|\/(netns|owners|containers|layers|rootfs|roots))/] })
})

test.serial('answers of others are kept and grow older, a dead server is asked once, and a stub that is not there is gone round', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dig')) return
  await using lab = await Lab.create()
  await lab.ok('network', 'create', 'blue')
  await lab.ok('run', '-d', '--name', 'c1', '--net', 'blue', 'busybox', 'sleep', '1000')
  const [inside, server] = [await lab.inside('c1'), `@${await lab.gateway('blue', 4)}`]
  const ttl = async (): Promise<number> => Number(/^kept\.example\.\s+(\d+)/m.exec(await inside.run('dig', '+noall', '+answer', server, 'kept.example'))?.[1])
  const first = await ttl()
  t.is(first, 60)
  for (const deadline = Date.now() + 20_000; await ttl() === first;) if (Date.now() > deadline) throw new Error('it does not grow older')
  t.deepEqual(lab.asked, ['kept.example'], 'asked once')

  const silent = createSocket('udp4')
  const unanswered: string[] = []
  silent.on('message', message => unanswered.push(message.toString('latin1', 13, 15)))
  silent.bind(53, '127.0.0.54')
  await once(silent, 'listening')
  lab.hostServers('127.0.0.54', '127.0.0.53')
  for (let tries = 0; unanswered.length === 0; tries++) t.deepEqual(await dig(inside, server, `n${tries}.example`), ['203.0.113.1'])
  const known = unanswered.length
  for (const name of ['m1.example', 'm2.example', 'm3.example']) t.deepEqual(await dig(inside, server, name), ['203.0.113.1'])
  t.is(unanswered.length, known, 'it is not asked again for a while')
  silent.close()

  await lab.realUpstreams('127.0.0.53')
  lab.hostServers('127.0.0.55')
  // Nobody listens there: the server behind it is asked.
  t.deepEqual(await dig(inside, server, 'behind.example'), ['203.0.113.1'])
  t.true(lab.asked.includes('behind.example'))
  await lab.ok('rm', '-f', 'c1')
  await lab.ok('network', 'rm', 'blue')
})

test.serial('what does not fit a datagram says so and comes by stream, EDNS is answered with EDNS, and what nobody offers is refused', async t => {
  if (!requires.root(t) || !requires.tool(t, 'dig')) return
  await using lab = await Lab.create()
  await lab.ok('network', 'create', 'blue')
  const alias = `m${'x'.repeat(60)}`
  const names = Array.from({ length: 8 }, (_, i) => `c${i}`)
  for (const name of names) await lab.ok('run', '-d', '--name', name, '--net', 'blue', '--network-alias', alias, 'busybox', 'sleep', '1000')
  const [inside, server] = [await lab.inside('c0'), `@${await lab.gateway('blue', 4)}`]
  const text = (...args: readonly string[]): Promise<string> => inside.run('dig', server, ...args)
  const count = (answer: string): number => Number(/ANSWER: (\d+)/.exec(answer)?.[1])
  const cut = await text('+noedns', '+ignore', alias)
  t.regex(cut, /flags: qr aa tc rd ra/)
  t.true(count(cut) < 8 && !cut.includes('OPT PSEUDOSECTION'))
  const whole = await text('+noedns', alias)
  t.regex(whole, /retrying in TCP mode/)
  t.is(count(whole), 8)
  const extended = await text('+bufsize=4096', '+ignore', alias)
  t.is(count(extended), 8)
  t.notRegex(extended, /flags: [a-z ]*tc/)
  t.regex(extended, /EDNS: version: 0, flags:; udp: 1232/)
  const order = async (): Promise<string> => (await text('+short', '+nocookie', alias)).split('\n')[0] ?? ''
  const firsts = new Set<string>()
  for (let i = 0; i < 8; i++) firsts.add(await order())
  t.is(firsts.size, 8, 'each is first in turn')
  t.deepEqual(await dig(inside, server, 'c1', 'ANY'), await dig(inside, server, 'c1'))
  t.deepEqual(await dig(inside, server, 'c1', 'AAAA'), ['NOERROR'], 'there is such a name, and no such address')
  t.deepEqual(await dig(inside, server, 'c1', 'HTTPS'), ['NOERROR'])
  t.deepEqual(await dig(inside, server, 'version.bind', 'CH', 'TXT'), ['REFUSED'])
  t.deepEqual(await dig(inside, server, '-x', '172.99.99.99'), ['203.0.113.1'], 'nobody\'s here')
  t.deepEqual(lab.asked, ['99.99.99.172.in-addr.arpa'])
  await lab.ok('rm', '-f', ...names)
  await lab.ok('network', 'rm', 'blue')
})
