import test from 'ava'
import { containerResolvConf, formatResolvConf, isReachable, parseResolvConf } from '../../../dns/resolv-conf.ts'

const none = { fallback: '', dns: [], dnsSearch: [], dnsOptions: [], ownNamespace: true }

test('resolv.conf is parsed leniently: comments, tabs, the last search line', t => {
  t.deepEqual(parseResolvConf('# c\nnameserver\t10.0.0.1 # x\ndomain a\nsearch b c\n;\noptions ndots:2 rotate\nnonsense\n'),
    { nameservers: ['10.0.0.1'], search: ['b', 'c'], options: ['ndots:2', 'rotate'] })
})

test('servers on loopback are dropped, the others kept in order', t => {
  const conf = containerResolvConf({ ...none,
    host: 'nameserver 127.0.0.53\nnameserver 10.0.0.2\nnameserver ::1\nnameserver 10.0.0.1\n' })
  t.deepEqual(conf.nameservers, ['10.0.0.2', '10.0.0.1'])
})

test('the fallback\'s servers are taken where the host has loopback ones only', t => {
  const host = 'nameserver 127.0.0.53\nsearch corp\noptions edns0\n'
  t.deepEqual(containerResolvConf({ ...none, host, fallback: 'nameserver 192.0.2.1\nsearch other\n' }),
    { nameservers: ['192.0.2.1'], search: ['corp'], options: ['edns0'] })
})

test('no server is made up where the host has none', t => {
  t.deepEqual(containerResolvConf({ ...none, host: 'nameserver 127.0.0.1\n' }).nameservers, [])
})

test('a container in the host\'s namespace keeps loopback servers', t => {
  t.deepEqual(containerResolvConf({ ...none, host: 'nameserver 127.0.0.53\n', ownNamespace: false }).nameservers, ['127.0.0.53'])
})

test('--dns, --dns-search and --dns-option each take the place of the host\'s, and a dot clears the search list', t => {
  const host = 'nameserver 10.0.0.1\nsearch corp\noptions edns0\n'
  t.deepEqual(containerResolvConf({ ...none, host, dns: ['127.0.0.1'], dnsOptions: ['ndots:1'] }),
    { nameservers: ['127.0.0.1'], search: ['corp'], options: ['ndots:1'] })
  t.deepEqual(containerResolvConf({ ...none, host, dnsSearch: ['.'] }).search, [])
})

test('the host\'s own addresses are unreachable in every spelling, and so is what is no address', t => {
  for (const server of ['127.0.0.1', '127.1', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::1%lo', '0.0.0.0', '::', 'dns']) {
    t.false(isReachable(server), server)
  }
  for (const server of ['10.0.0.127', '128.0.0.1', 'fe80::1%eth0', '2001:db8::1', '1::', '::2']) {
    t.true(isReachable(server), server)
  }
})

test('the text has one server a line, and parses to what it was made of', t => {
  const conf = { nameservers: ['10.0.0.1', '10.0.0.2'], search: ['a', 'b'], options: ['ndots:0'] }
  t.is(formatResolvConf(conf), 'nameserver 10.0.0.1\nnameserver 10.0.0.2\nsearch a b\noptions ndots:0\n')
  t.deepEqual(parseResolvConf(formatResolvConf(conf)), conf)
  t.is(formatResolvConf({ nameservers: [], search: [], options: [] }), '')
})
