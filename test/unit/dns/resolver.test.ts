/** What members of a network are told: names, addresses, and what goes to others. */
import test from 'ava'
import { Directory, type NamedEndpoint, type NamedNetwork } from '../../../dns/directory.ts'
import { Forwarder } from '../../../dns/forward/forwarder.ts'
import { type Client, Resolver } from '../../../dns/resolver.ts'
import { FakeClock } from './fake-clock.ts'
import { addressesOf, question, reply, summary } from './messages.ts'

const networks: readonly NamedNetwork[] = [
  { id: 'b', name: 'Blue', subnets: ['172.18.0.0/24', 'fd00::/64'], internal: false },
  { id: 'g', name: 'green', subnets: ['172.19.0.0/24'], internal: true },
]
const endpoint = (networkId: string, names: readonly string[], addresses: readonly string[], nameservers: readonly string[] = []): NamedEndpoint =>
  ({ networkId, sandboxId: names[0] ?? '', names, addresses, nameservers })
const endpoints = [
  endpoint('b', ['web', 'Api', '0123456789ab', 'www.corp'], ['172.18.0.2', 'fd00::2']),
  endpoint('b', ['web2', 'api'], ['172.18.0.3']),
  endpoint('b', ['both'], ['172.18.0.4'], ['192.0.2.99']),
  endpoint('g', ['both'], ['172.19.0.4']),
  endpoint('g', ['db'], ['172.19.0.5']),
  endpoint('b', ['x'.repeat(70)], ['172.18.0.9']),
]

interface Told { readonly asked: readonly string[], readonly answer: Buffer }

async function ask(message: Buffer, client: Partial<Client> = {}, items = endpoints): Promise<Told> {
  const asked: string[] = []
  const directory = new Directory(networks, items)
  const forwarder = new Forwarder(async (server, sent) => {
    asked.push(server)
    return reply(sent, { answers: Array.from({ length: 60 }, () => ({ ttl: 60, data: Buffer.of(1, 2, 3, 4) })) })
  }, new FakeClock())
  const resolver = new Resolver({ directory: () => directory, hostServers: () => [[], ['192.0.2.53']], forwarder })
  const answer = await resolver.resolve(message, { networkId: 'b', address: '172.18.0.2', transport: 'udp', ...client })
  return { asked, answer: answer! }
}

const web = '172.18.0.2'
const web2 = '172.18.0.3'

for (const [name, type, expected] of [
  ['web', 'A', [web]], ['WEB', 'A', [web]], ['web.blue', 'A', [web]], ['web.BLUE', 'A', [web]], ['0123456789ab', 'A', [web]],
  ['www.corp', 'A', [web]], ['www.corp.blue', 'A', [web]], ['api', 'A', [web, web2]], ['web', 'AAAA', ['fd00::2']],
  ['web2', 'AAAA', []], ['web', 'MX', []], ['web', 'TXT', []], ['web2', 'ANY', [web2]],
  ['2.0.18.172.in-addr.arpa', 'PTR', ['web.Blue']], ['2.0.18.172.in-addr.arpa', 'TXT', []],
  ['9.0.18.172.in-addr.arpa', 'PTR', []],
  ['localhost', 'A', ['127.0.0.1']], ['LOCALHOST', 'AAAA', ['::1']], ['shop.localhost', 'A', ['127.0.0.1']], ['localhost', 'MX', []],
] as const) {
  test(`${name} ${type} is known here`, async t => {
    const { asked, answer } = await ask(question(name, type))
    t.like(summary(answer), { id: 0x1234, rcode: 0, authoritative: true, truncated: false })
    t.deepEqual(addressesOf(answer).toSorted(), expected)
    t.deepEqual(asked, [], 'nobody else is asked')
  })
}

for (const [name, type] of [['example.com', 'A'], ['web.green', 'A'], ['db', 'A'], ['blue', 'A'], ['1.0.168.192.in-addr.arpa', 'PTR'], ['webx', 'A']] as const) {
  test(`${name} ${type} is for others`, async t => {
    const { asked, answer } = await ask(question(name, type))
    t.deepEqual(asked, ['192.0.2.53'])
    t.like(summary(answer), { id: 0x1234 })
  })
}

test('an address of ours that nobody has, or that is on a network of others, is nobody\'s, and no question to others', async t => {
  for (const address of ['77.0.18.172', '5.0.19.172']) {
    const { asked, answer } = await ask(question(`${address}.in-addr.arpa`, 'PTR'))
    t.like(summary(answer), { rcode: 3, authoritative: true })
    t.deepEqual(asked, [])
  }
})

test('a second list of servers is asked when nobody of the first answers, and only then', async t => {
  const asked: string[] = []
  const forwarder = new Forwarder(async (server, sent) => {
    asked.push(server)
    if (server === '127.0.0.53') throw new Error('nobody listens there')
    return reply(sent, { rcode: server === '127.0.0.54' ? 3 : 0 })
  }, new FakeClock())
  const told = async (...lists: readonly (readonly string[])[]): Promise<unknown> => {
    asked.length = 0
    const resolver = new Resolver({ directory: () => new Directory([{ ...networks[0]!, id: 'b' }], []), hostServers: () => lists, forwarder })
    return summary((await resolver.resolve(question(`x${lists.flat().length}.example`, 'A'), { networkId: 'b', address: '172.18.0.2', transport: 'udp' }))!)['rcode']
  }
  t.is(await told(['127.0.0.53'], ['192.0.2.1']), 0)
  t.deepEqual([...new Set(asked)], ['127.0.0.53', '192.0.2.1'])
  t.is(await told(['127.0.0.54'], ['192.0.2.1', '192.0.2.2']), 3, 'that there is no such name is an answer')
  t.deepEqual(asked, ['127.0.0.54'])
  t.is(await told([], []), 2)
})

test('a container asks its own servers where it has some', async t => {
  t.deepEqual((await ask(question('example.com', 'A'), { address: '172.18.0.4' })).asked, ['192.0.2.99'])
})

test('a member of an internal network asks nobody, and knows its own', async t => {
  const client = { networkId: 'g', address: '172.19.0.5' }
  const { asked, answer } = await ask(question('example.com', 'A'), client)
  t.like(summary(answer), { rcode: 2 })
  t.deepEqual(asked, [])
  t.like(summary((await ask(question('both', 'A'), client)).answer), { rcode: 0, answers: 1 })
})

test('a container on two networks finds the members of both, those of the network it asks first', async t => {
  const client = { networkId: 'g', address: '172.19.0.4' }
  for (const [name, expected] of [['db', '172.19.0.5'], ['web', web], ['both', '172.19.0.4'], ['both.blue', '172.18.0.4']] as const) {
    const { answer } = await ask(question(name, 'A'), client)
    t.deepEqual(addressesOf(answer), [expected])
  }
  t.deepEqual((await ask(question('example.com', 'A'), client)).asked, ['192.0.2.53'], 'the other network leads out')
})

test('a client that is known by its place is that container, whatever address it asks from', async t => {
  const client = { networkId: 'g', address: '127.0.0.1', sandboxId: 'both' }
  for (const [name, expected] of [['db', '172.19.0.5'], ['web', web], ['both', '172.19.0.4']] as const) {
    t.deepEqual(addressesOf((await ask(question(name, 'A'), client)).answer), [expected], name)
  }
  t.deepEqual((await ask(question('example.com', 'A'), client)).asked, ['192.0.2.99'])
  t.deepEqual(addressesOf((await ask(question('db', 'A'), { ...client, sandboxId: 'db' })).answer), ['172.19.0.5'])
  t.like(summary((await ask(question('web', 'A'), { ...client, sandboxId: 'db' })).answer), { rcode: 2 })
})

test('who asks a great deal of a silent server is refused what is too much, and leaves room for others', async t => {
  const directory = new Directory(networks, endpoints)
  const answers: (() => void)[] = []
  const forwarder = new Forwarder((_, sent, { signal }) => new Promise((resolve, reject) => {
    answers.push(() => resolve(reply(sent, { answers: [{ ttl: 60, data: Buffer.of(1, 2, 3, 4) }] })))
    signal.addEventListener('abort', () => reject(new Error('called off')))
  }), new FakeClock())
  const resolver = new Resolver({ directory: () => directory, hostServers: () => [['192.0.2.53']], forwarder })
  const asks = (address: string, count: number): readonly (Buffer | undefined | Promise<Buffer>)[] => {
    const client: Client = { networkId: 'b', address, transport: 'udp' }
    return Array.from({ length: count }, (_, number) => resolver.resolve(question(`n${number}.${address}.example`, 'A'), client))
  }
  const refused = (given: readonly unknown[]): number => given.filter(answer => Buffer.isBuffer(answer) && summary(answer).rcode === 2).length
  const first = asks(web, 2000)
  t.is(refused(first), 2000 - 256)
  t.is(refused(asks(web2, 200)), 0)
  for (const answer of answers) answer()
  await Promise.all(first.map(answer => Promise.resolve(answer)))
  t.is(refused(asks(web, 256)), 0, 'when they are answered it may ask again')
})

test('classes and transfers that nobody offers are refused', async t => {
  t.like(summary((await ask(question('version.bind', 'TXT', { class: 3 }))).answer), { rcode: 5 })
  t.like(summary((await ask(question('example.com', 'AXFR'))).answer), { rcode: 5 })
})

test('a large answer is cut for datagrams and whole on streams', async t => {
  const many = Array.from({ length: 60 }, (_, i) => endpoint('b', ['many'], [`172.18.0.${i + 10}`]))
  for (const [options, count] of [[{}, 24], [{ udpSize: 1232 }, 59]] as const) {
    t.like(summary((await ask(question('many', 'A', options), {}, many)).answer), { answers: count, truncated: count < 60 })
  }
  t.like(summary((await ask(question('many', 'A'), { transport: 'tcp' }, many)).answer), { answers: 60, truncated: false })
  const foreign = await ask(question('example.com', 'A'))
  t.like(summary(foreign.answer), { answers: 0, truncated: true })
  t.true(foreign.answer.length <= 512)
  t.like(summary((await ask(question('example.com', 'A'), { transport: 'tcp' })).answer), { answers: 60, truncated: false })
})

test('what is no question gets no answer, and a bad one an error', async t => {
  const directory = new Directory([], [])
  const forwarder = new Forwarder(async () => { throw new Error('unused') }, new FakeClock())
  const resolver = new Resolver({ directory: () => directory, hostServers: () => [], forwarder })
  const client: Client = { networkId: 'b', address: '172.18.0.2', transport: 'udp' }
  t.is(resolver.resolve(Buffer.from('nonsense'), client), undefined)
  t.like(summary(await resolver.resolve(question('web', 'A', { flags: 0x2800 }), client) ?? Buffer.alloc(0)), { rcode: 4, questions: 0 })
})

test('several holders of a name are first in turn, for every client and from the first question on', t => {
  const directory = new Directory(networks, ['1', '2', '3'].map(digit => endpoint('b', ['api'], [`172.18.0.${digit}`])))
  const forwarder = new Forwarder(async () => { throw new Error('unused') }, new FakeClock())
  const resolver = new Resolver({ directory: () => directory, hostServers: () => [], forwarder })
  const orders = (client: Client, options = {}): readonly string[] => Array.from({ length: 6 }, (_, id) => {
    const answer = resolver.resolve(question('api', 'A', { id, ...options }), client) as Buffer
    t.is(answer.readUInt16BE(0), id)
    return addressesOf(answer).map(address => address.at(-1)).join('')
  })
  const client = (address: string): Client => ({ networkId: 'b', address, transport: 'udp' })
  const one = orders(client('172.18.0.9'))
  t.is(one.slice(3).join(), one.slice(0, 3).join(), 'they go round')
  t.deepEqual(one.slice(0, 3).toSorted(), ['123', '231', '312'])
  const first = new Set(Array.from({ length: 100 }, (_, i) => orders(client(`172.18.0.${i + 10}`))[0]))
  t.is(first.size, 3, 'clients do not all begin with the same one')
})

test('what is remembered of a question is forgotten when the directory changes, and is nobody else\'s', t => {
  let directory = new Directory(networks, [endpoint('b', ['web'], ['172.18.0.2'])])
  const forwarder = new Forwarder(async () => { throw new Error('unused') }, new FakeClock())
  const resolver = new Resolver({ directory: () => directory, hostServers: () => [], forwarder })
  const [blue, green] = ['b', 'g'].map((networkId): Client => ({ networkId, address: '10.0.0.1', transport: 'udp' }))
  const told = (client: Client | undefined): string => addressesOf(resolver.resolve(question('web', 'A'), client!) as Buffer).join()
  t.is(told(blue), '172.18.0.2')
  t.is(told(blue), '172.18.0.2')
  t.is(told(green), '', 'another network')
  directory = new Directory(networks, [endpoint('b', ['web'], ['172.18.0.3'])])
  t.is(told(blue), '172.18.0.3')
  t.like(summary(resolver.resolve(question('web', 'A', { udpSize: 1232 }), blue!) as Buffer), { additional: 1 }, 'asked with EDNS')
})
