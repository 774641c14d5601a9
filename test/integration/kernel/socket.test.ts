/** The netlink socket against the real kernel: many requests, busy loops, changing lists, and no descriptor left. */
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import test from 'ava'
import { isErrno } from '../../../kernel/error.ts'
import { be32, encodeAttributes, nested, text } from '../../../kernel/netlink/attribute.ts'
import { NLM_F_ACK, NLM_F_CREATE } from '../../../kernel/netlink/message.ts'
import { NETLINK_NETFILTER, NETLINK_ROUTE } from '../../../kernel/netlink/native-socket.ts'
import { Rtnetlink } from '../../../kernel/netlink/rtnetlink.ts'
import { dumpLinks } from '../../../kernel/netlink/link.ts'
import { type NetlinkRequest, NetlinkSocket } from '../../../kernel/netlink/socket.ts'
import { readFacts } from '../../../kernel/facts.ts'
import { openKernel } from '../../../kernel/kernel.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'

const silent = (): void => {}
const openDescriptors = (): number => readdirSync('/proc/self/fd').length
const nfgenmsg = (resource = 0): Buffer => Buffer.of(1, 0, resource >> 8, resource & 0xff)

test.serial('300 veth pairs come and go while the loop is busy, and are all seen', t => {
  if (!requires.root(t)) return
  const socket = new Rtnetlink(silent)
  const names = Array.from({ length: 300 }, (_, index) => `v${index}`)
  execFileSync('ip', ['-batch', '-'], { input: names.map(name => `link add ${name} type veth peer name ${name}p`).join('\n') })
  t.deepEqual(names.filter(name => socket.findIndex(name) === undefined), [])
  t.is(socket.links().length, 601)
  execFileSync('ip', ['link', 'set', 'v0', 'mtu', '9000'])
  t.is(socket.findLink('v0')?.mtu, 9000)
  // All in one group, so that the kernel's wait after a deletion comes once.
  execFileSync('ip', ['-batch', '-'], { input: names.map(name => `link set ${name} group 77`).join('\n') })
  execFileSync('ip', ['link', 'del', 'group', '77'])
  t.is(socket.links().length, 1)
  socket.close()
})

test.serial('two dumps, and a request in the middle of one, do not disturb each other', async t => {
  if (!requires.root(t)) return
  const [a, b] = [NetlinkSocket.open(NETLINK_ROUTE), NetlinkSocket.open(NETLINK_ROUTE)]
  const results = await Promise.all([a, a, b, a, b].map(async socket => {
    await Promise.resolve()
    return socket.dump(dumpLinks()).length
  }))
  t.deepEqual(results, [1, 1, 1, 1, 1])
  a.close()
  b.close()
})

test.serial('a batch tells each failure by its place, and applies nothing', async t => {
  if (!requires.root(t)) return
  using socket = NetlinkSocket.open(NETLINK_NETFILTER)
  const layout = { headerLength: 4, names: { 1: 'NFTA_CHAIN_TABLE', 3: 'NFTA_CHAIN_NAME' } }
  const begin: NetlinkRequest = { name: 'NFNL_MSG_BATCH_BEGIN', type: 16, payload: [nfgenmsg(10)] }
  const end: NetlinkRequest = { name: 'NFNL_MSG_BATCH_END', type: 17, flags: NLM_F_ACK, payload: [nfgenmsg(10)] }
  const table: NetlinkRequest = {
    name: 'NFT_MSG_NEWTABLE', type: 0xa00, flags: NLM_F_CREATE | NLM_F_ACK, payload: [nfgenmsg(), encodeAttributes([text(1, 'batch')])],
  }
  const chain = (inTable: string): NetlinkRequest => ({
    name: 'NFT_MSG_NEWCHAIN', type: 0xa03, flags: NLM_F_CREATE, layout,
    payload: [nfgenmsg(), encodeAttributes([text(1, inTable), text(3, 'c'), nested(4, [be32(1, 0), be32(2, 0)])])],
  })
  const failed = socket.batch([begin, table, chain('nowhere'), end])
  t.deepEqual(failed.failures.map(({ index, error }) => [index, error.message]),
    [[2, 'NFT_MSG_NEWCHAIN: the kernel objects to NFTA_CHAIN_TABLE (ENOENT)']])
  const host = new Namespace('host')
  t.false((await host.run('nft', 'list', 'tables')).includes('batch'))
  t.deepEqual(socket.batch([begin, table, chain('batch'), end]).failures, [])
  t.true((await host.run('nft', 'list', 'tables')).includes('table inet batch'))
  await host.run('nft', 'delete', 'table', 'inet', 'batch')
})

test.serial('500 acknowledgements of one batch all arrive', t => {
  if (!requires.root(t)) return
  using socket = NetlinkSocket.open(NETLINK_ROUTE)
  const requests = Array.from({ length: 500 }, () => ({ ...dumpLinks(), flags: NLM_F_ACK, payload: [Buffer.alloc(16), encodeAttributes([text(3, 'lo')])] }))
  const { acknowledged, failures, replies } = socket.batch(requests)
  t.deepEqual([acknowledged.size, failures.length, replies.length], [500, 0, 500])
})

test.serial('a socket opened in a namespace stays there, and its process comes back', async t => {
  if (!requires.root(t)) return
  const host = new Namespace('host')
  await host.run('ip', 'netns', 'add', 'socket1')
  await host.run('ip', '-n', 'socket1', 'link', 'add', 'inside0', 'type', 'bridge')
  const socket = new Rtnetlink(silent, '/run/netns/socket1')
  t.not(socket.findIndex('inside0'), undefined)
  t.true(readFileSync('/proc/self/net/dev', 'utf8').includes('lo:'))
  t.false(readFileSync('/proc/self/net/dev', 'utf8').includes('inside0'))
  socket.close()
  await host.run('ip', 'netns', 'del', 'socket1')
  t.true(isErrno(t.throws(() => new Rtnetlink(silent, '/run/netns/socket1')), 'ENOENT'))
})

test.serial('opening and closing sockets leaves no descriptor, in failure too', t => {
  if (!requires.root(t)) return
  NetlinkSocket.open(NETLINK_ROUTE).close()
  const before = openDescriptors()
  for (let round = 0; round < 50; round++) {
    NetlinkSocket.open(NETLINK_ROUTE).close()
    t.throws(() => new Rtnetlink(silent, '/proc/self/status'))
    t.throws(() => NetlinkSocket.open(21))
  }
  t.is(openDescriptors(), before)
})

test.serial('the facts are what `ip` and sysctl say', async t => {
  if (!requires.root(t)) return
  const host = new Namespace('host')
  const kernel = openKernel()
  const nowhere = { path: '/dev/null/missing', files: [] }
  t.is(readFacts(kernel, nowhere).defaultRouteMtu, 1500)
  await host.run('ip', 'link', 'add', 'up0', 'mtu', '1442', 'type', 'veth', 'peer', 'name', 'up1')
  await host.run('ip', 'link', 'set', 'up0', 'up')
  await host.run('ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'up0')
  await host.run('ip', 'route', 'add', 'default', 'via', '192.0.2.2')
  await host.run('ip', 'route', 'add', 'unreachable', '198.51.100.0/24')
  await host.run('ip', 'route', 'add', '203.0.113.0/24', 'dev', 'up0', 'table', '99')
  await host.run('sysctl', '-qw', 'net.ipv4.ip_forward=1')
  const facts = readFacts(kernel, nowhere)
  t.is(facts.defaultRouteMtu, 1442)
  t.true(facts.forwarding.v4)
  t.deepEqual([...facts.links].sort(), ['lo', 'up0', 'up1'])
  t.deepEqual(facts.routes[4].toSorted((a, b) => a.cidr.localeCompare(b.cidr)), [
    { cidr: '192.0.2.0/24', dev: 'up0' }, { cidr: '198.51.100.0/24', dev: '' }, { cidr: '203.0.113.0/24', dev: 'up0' },
  ])
  await host.run('sysctl', '-qw', 'net.ipv4.ip_forward=0')
  t.false(readFacts(kernel, nowhere).forwarding.v4)
  await host.run('ip', 'route', 'del', 'unreachable', '198.51.100.0/24')
  await host.run('ip', 'link', 'del', 'up0')
  kernel.close()
})

test.serial('a Docker is seen by its program or by its files', t => {
  if (!requires.root(t)) return
  const kernel = openKernel()
  t.true(readFacts(kernel, { path: '/dev/null/missing', files: ['/proc/self/status'] }).dockerInstalled)
  kernel.close()
})
