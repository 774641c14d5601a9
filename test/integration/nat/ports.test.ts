import { createServer } from 'node:net'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import test from 'ava'
import type { PortRequest } from '../../../cnm/types.ts'
import { isTsnetError } from '../../../errors/error.ts'
import { isCloseOnExec } from '../../../kernel/syscalls/descriptor.ts'
import { RLIMIT_NOFILE, getrlimit, setrlimit } from '../../../kernel/syscalls/process.ts'
import { raiseFileLimit } from '../../../nat/ports/file-limit.ts'
import { PortAllocator } from '../../../nat/ports/port-allocator.ts'
import { requires } from '../../helpers/requires.ts'
import { runCommand } from '../../helpers/namespace.ts'

const one = (port: number) => ({ first: port, last: port })
const tcp = (host: number | undefined, container = 80, hostIp?: string): PortRequest => ({
  protocol: 'tcp', container: one(container), ...host === undefined ? {} : { host: one(host) }, ...hostIp === undefined ? {} : { hostIp },
})

/** What `ss` says is bound, sockets that do not listen included where the kernel lists them; our own eyes are the descriptors. */
function sockets(): number {
  return readdirSync('/proc/self/fd').filter(fd => { try { return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:') } catch { return false } }).length
}

function failure(body: () => unknown): { code: string, message: string, data: Readonly<Record<string, unknown>> } {
  try {
    body()
  } catch (error) {
    if (isTsnetError(error)) return { code: error.code, message: error.message, data: error.data }
    throw error
  }
  throw new Error('it did not fail')
}

test.serial('an explicit port is held on both families, without listening, and given back', async t => {
  if (!requires.root(t)) return
  const before = sockets()
  const ports = new PortAllocator()
  const { bindings, descriptors } = ports.reserve([tcp(8080)], [4, 6])
  t.deepEqual(bindings, [{ protocol: 'tcp', host: one(8080), container: one(80) }])
  t.is(descriptors.length, 2)
  t.true(descriptors.every(fd => isCloseOnExec(fd)))
  t.is((await runCommand(['ss', '-Hltn'])).stdout, '', 'nothing listens')
  for (const address of ['0.0.0.0', '::', '127.0.0.1']) {
    const server = createServer()
    const failed = once(server, 'error')
    server.listen(8080, address)
    const [error] = await failed as [NodeJS.ErrnoException]
    t.is(error.code, 'EADDRINUSE', address)
  }
  ports.release(descriptors)
  t.is(sockets(), before)
})

test.serial('a port that a program holds is refused with its name and process', async t => {
  if (!requires.root(t)) return
  const server = createServer().listen(8080, '127.0.0.1')
  await once(server, 'listening')
  const found = failure(() => new PortAllocator().reserve([tcp(8080)], [4]))
  t.is(found.code, 'port-in-use')
  t.regex(found.message, new RegExp(`0\\.0\\.0\\.0:8080/tcp: it is held by .+ \\(process ${process.pid}\\)`))
  t.deepEqual(found.data['holder'], { pid: process.pid, name: readFileSync('/proc/self/comm', 'utf8').trim() })
  server.close()
  await once(server, 'close')
})

test.serial('a UDP port and an IPv6 port name their holder too', async t => {
  if (!requires.root(t)) return
  const udp = createSocket('udp4')
  udp.bind(5353, '0.0.0.0')
  await once(udp, 'listening')
  t.regex(failure(() => new PortAllocator().reserve([{ protocol: 'udp', host: one(5353), container: one(53) }], [4])).message, new RegExp(`process ${process.pid}`))
  const server = createServer().listen(8081, '::1')
  await once(server, 'listening')
  t.regex(failure(() => new PortAllocator().reserve([tcp(8081, 80, '::1')], [4, 6])).message, new RegExp(`\\[::1\\]:8081/tcp: .*process ${process.pid}`))
  udp.close()
  server.close()
  await once(server, 'close')
})

test.serial('a port that another container has published is refused with the container, and all or nothing is held', async t => {
  if (!requires.root(t)) return
  const first = new PortAllocator().reserve([tcp(8080)], [4, 6])
  const before = sockets()
  const ports = new PortAllocator({ findContainer: (protocol, port) => protocol === 'tcp' && port === 8080 ? 'web' : undefined })
  const found = failure(() => ports.reserve([tcp(8082), tcp(8080)], [4, 6]))
  t.is(found.code, 'port-in-use')
  t.regex(found.message, /it is held by the container "web"/)
  t.is(sockets(), before)
  new PortAllocator().release(first.descriptors)
})

test.serial('a port that is asked for twice is said to be', t => {
  if (!requires.root(t)) return
  const before = sockets()
  t.regex(failure(() => new PortAllocator().reserve([tcp(8080), tcp(8080, 81)], [4])).message, /held by another published port of the same container/)
  t.is(sockets(), before)
})

test.serial('connections in TIME_WAIT do not hold a port', async t => {
  if (!requires.root(t)) return
  // The side that closes first keeps the TIME_WAIT: the server.
  const program = `
    const net = require('node:net')
    const server = net.createServer(socket => socket.end('bye')).listen(8090, '127.0.0.1', () => {
      net.connect(8090, '127.0.0.1').on('data', () => {}).on('close', () => server.close())
    })`
  t.is((await runCommand([process.execPath, '-e', program])).status, 0)
  t.regex((await runCommand(['ss', '-Htan', 'state', 'time-wait'])).stdout, /:8090/)
  const ports = new PortAllocator()
  const { descriptors } = ports.reserve([tcp(8090)], [4])
  t.is(failure(() => ports.reserve([tcp(8090)], [4])).code, 'port-in-use')
  ports.release(descriptors)
})

test.serial('a range for one port gives the first that is free, after the exact ones', t => {
  if (!requires.root(t)) return
  const ports = new PortAllocator()
  const range: PortRequest = { protocol: 'tcp', host: { first: 9000, last: 9002 }, container: one(80) }
  const { bindings, descriptors } = ports.reserve([range, tcp(9000), range], [4, 6])
  t.deepEqual(bindings.map(({ host }) => host.first), [9001, 9000, 9002])
  const found = failure(() => ports.reserve([range], [4]))
  t.is(found.code, 'port-range-exhausted')
  t.regex(found.message, /9000-9002/)
  ports.release(descriptors)
})

test.serial('ports that tsnet chooses come from the range of the kernel, go on after the last, and are the same on both families', t => {
  if (!requires.root(t)) return
  const path = '/proc/sys/net/ipv4/ip_local_port_range'
  const before = readFileSync(path, 'utf8')
  writeFileSync(path, '40000 40003')
  let last: number | undefined = 40_001
  const ports = new PortAllocator({ last: { get: () => last, set: port => { last = port } } })
  const blocker = new PortAllocator().reserve([tcp(40_002)], [6])
  const { bindings, descriptors } = ports.reserve([tcp(undefined), tcp(undefined)], [4, 6])
  t.deepEqual(bindings.map(({ host }) => host.first), [40_003, 40_000])
  t.is(last, 40_000)
  t.deepEqual(ports.reserve([tcp(undefined)], [4]).bindings.map(({ host }) => host.first), [40_001])
  t.is(failure(() => ports.reserve([tcp(undefined)], [4, 6])).code, 'port-range-exhausted')
  ports.release([...descriptors, ...blocker.descriptors])
  writeFileSync(path, before)
})

test.serial('an address that no interface has is refused, and so is one of a family that the container lacks', t => {
  if (!requires.root(t)) return
  t.is(failure(() => new PortAllocator().reserve([tcp(8080, 80, '203.0.113.9')], [4])).code, 'invalid-address')
  t.is(failure(() => new PortAllocator().reserve([tcp(8080, 80, '::1')], [4])).code, 'invalid-address')
})

test.serial('ranges of different length are refused', t => {
  if (!requires.root(t)) return
  const request: PortRequest = { protocol: 'tcp', host: { first: 9000, last: 9002 }, container: { first: 80, last: 81 } }
  t.is(failure(() => new PortAllocator().reserve([request], [4])).code, 'invalid-port')
})

test.serial('a thousand single ports, and a range of nine thousand, are held and given back', t => {
  if (!requires.root(t)) return
  const before = sockets()
  const ports = new PortAllocator()
  const single = Array.from({ length: 1000 }, (_, i) => tcp(20_000 + i))
  const range: PortRequest = { protocol: 'udp', host: { first: 21_000, last: 29_999 }, container: { first: 1000, last: 9999 } }
  const { bindings, descriptors } = ports.reserve([...single, range], [4])
  t.is(bindings.length, 1001)
  t.is(descriptors.length, 10_000)
  ports.release(descriptors)
  t.is(sockets(), before)
})

test.serial('more ports than files may be open are held: the limit is raised as far as the kernel lets it, and a sentence says so where it does not', t => {
  if (!requires.root(t)) return
  const before = getrlimit(RLIMIT_NOFILE)
  const ports = new PortAllocator()
  const range = (first: number, last: number): PortRequest => ({ protocol: 'tcp', host: { first, last }, container: { first, last } })
  try {
    setrlimit(RLIMIT_NOFILE, { ...before, soft: 600n })
    const first = ports.reserve([range(20_000, 20_499)], [4, 6])
    setrlimit(RLIMIT_NOFILE, { ...before, soft: 1400n })
    const second = ports.reserve([range(20_500, 21_099)], [4])
    t.deepEqual([first.descriptors.length, second.descriptors.length], [1000, 600], 'those that are held already are counted')
    const most = Number(readFileSync('/proc/sys/fs/nr_open', 'utf8'))
    const { message, ...rest } = failure(() => raiseFileLimit(most))
    t.deepEqual(rest, { code: 'kernel-error', data: { needed: most, limit: Number(before.hard) } })
    t.regex(message, new RegExp(`^publish ports: that takes ${most} descriptors beside the \\d+ that are open, and this process may have no more than `
      + `${before.hard} files open \\(ulimit -Hn, fs\\.nr_open\\)$`))
    for (const { descriptors } of [first, second]) ports.release(descriptors)
  } finally {
    setrlimit(RLIMIT_NOFILE, before)
  }
})

test.serial('SCTP ports are published where the kernel cannot hold them', t => {
  if (!requires.root(t)) return
  const ports = new PortAllocator()
  const { bindings, descriptors } = ports.reserve([{ protocol: 'sctp', host: one(3868), container: one(3868) }], [4, 6])
  t.is(bindings.length, 1)
  ports.release(descriptors)
})
