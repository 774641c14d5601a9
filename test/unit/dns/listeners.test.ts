/** The sockets, on loopback. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import test from 'ava'
import type { Place } from '../../../dns/sockets.ts'
import { Listeners } from '../../../dns/listeners.ts'
import type { Client } from '../../../dns/resolver.ts'
import { StreamMessages, framed } from '../../../dns/stream.ts'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function byDatagram(port: number, text: string): Promise<string> {
  const socket = createSocket('udp4')
  socket.send(text, port, '127.0.0.1')
  const [answer] = await once(socket, 'message') as [Buffer]
  socket.close()
  return answer.toString()
}

test('datagrams and streams are answered, several on a stream and cut anywhere; what deserves no answer gets none', async t => {
  const clients: Client[] = []
  await using listeners = new Listeners((message, client) => {
    clients.push(client)
    if (message.toString() === 'nothing') return undefined
    const answer = Buffer.from(`${message.toString()}!`)
    return message.toString() === 'slow' ? Promise.resolve(answer) : answer
  })
  const place: Place = { networkId: 'b', address: '127.0.0.1', port: await freePort() }
  await listeners.sync([place])
  t.deepEqual(listeners.report, { listening: ['127.0.0.1'], failed: {} })
  t.is(await byDatagram(place.port, 'hello'), 'hello!')
  const socket = connect(place.port, '127.0.0.1')
  const { promise, resolve } = Promise.withResolvers<void>()
  const answers: string[] = []
  const messages = new StreamMessages(message => { if (answers.push(message.toString()) === 3) resolve() })
  socket.on('data', chunk => messages.push(chunk))
  const bytes = Buffer.concat(['slow', 'nothing', 'one', 'two'].map(text => framed(Buffer.from(text))))
  for (const byte of bytes) socket.write(Buffer.of(byte))
  await promise
  t.deepEqual(answers.toSorted(), ['one!', 'slow!', 'two!'])
  socket.destroy()
  t.deepEqual(clients[0], { networkId: 'b', address: '127.0.0.1', transport: 'udp' })
  t.like(clients[1], { transport: 'tcp' })
})

test('what cannot be listened on is told, does not hold up the others, and is tried again', async t => {
  const port = await freePort()
  const other = createServer().listen(port, '127.0.0.2')
  await once(other, 'listening')
  await using listeners = new Listeners(message => message)
  const places = ['127.0.0.1', '127.0.0.2', '198.51.100.7'].map((address): Place => ({ networkId: 'b', address, port }))
  await listeners.sync(places)
  t.deepEqual(listeners.report.listening, ['127.0.0.1'])
  t.regex(listeners.report.failed['127.0.0.2'] ?? '', /EADDRINUSE/)
  t.regex(listeners.report.failed['198.51.100.7'] ?? '', /EADDRNOTAVAIL/)
  other.close()
  await once(other, 'close')
  await listeners.sync(places.slice(0, 2))
  t.deepEqual(listeners.report, { listening: ['127.0.0.1', '127.0.0.2'], failed: {} })
  await listeners.sync([])
  t.deepEqual(listeners.report.listening, [])
})

test('a burst of datagrams is answered, each to who sent it, and what is slow later', async t => {
  await using listeners = new Listeners((message, { address }) => {
    if (message.toString().startsWith('never')) return undefined
    const answer = Buffer.from(`${message.toString()} from ${address}`)
    return message.toString().startsWith('slow') ? new Promise(resolve => { setImmediate(() => resolve(answer)) }) : answer
  })
  const place: Place = { networkId: 'b', address: '127.0.0.1', port: await freePort() }
  await listeners.sync([place])
  const clients = ['127.0.0.2', '127.0.0.3'].map(address => {
    const socket = createSocket('udp4')
    const answers = new Set<string>()
    socket.bind(0, address)
    const wanted = Array.from({ length: 200 }, (_, i) => `${['fast', 'slow', 'never'][i % 3]} ${i}`)
    const done = new Promise<void>(resolve => socket.on('message', answer => {
      answers.add(answer.toString())
      if (answers.size === wanted.filter(text => !text.startsWith('never')).length) resolve()
    }))
    return { address, socket, answers, wanted, done }
  })
  for (const { socket, wanted } of clients) for (const text of wanted) socket.send(text, place.port, '127.0.0.1')
  for (const { address, socket, answers, wanted, done } of clients) {
    await done
    t.deepEqual([...answers].toSorted(), wanted.filter(text => !text.startsWith('never')).map(text => `${text} from ${address}`).toSorted())
    socket.close()
  }
})

test('who opens many streams at once is refused what is too much, and others are not', async t => {
  await using listeners = new Listeners(message => Buffer.from(message))
  const place: Place = { networkId: 'b', address: '127.0.0.1', port: await freePort() }
  await listeners.sync([place])
  let closed = 0
  const tooMuch = Promise.withResolvers<void>()
  const sockets = Array.from({ length: 80 }, () => {
    const socket = connect({ port: place.port, host: '127.0.0.1', localAddress: '127.0.0.2' })
    socket.on('error', () => undefined)
    socket.on('close', () => { if (++closed === 80 - 64) tooMuch.resolve() })
    return socket
  })
  await tooMuch.promise
  const other = connect({ port: place.port, host: '127.0.0.1', localAddress: '127.0.0.3' })
  other.write(framed(Buffer.from('hello')))
  const [answer] = await once(other, 'data') as [Buffer]
  t.is(answer.toString('latin1', 2), 'hello')
  t.is(closed, 80 - 64)
  for (const socket of [...sockets, other]) socket.destroy()
})

test('strangers get no answer, by datagram or stream, whoever asks beside them', async t => {
  const asked: string[] = []
  await using listeners = new Listeners((message, client) => {
    asked.push(client.address)
    return Buffer.from(message)
  })
  const place: Place = { networkId: 'b', address: '127.0.0.1', port: await freePort(), askers: { link: 'lo', subnets: ['127.0.1.0/24'] } }
  await listeners.sync([place])
  const socketOf = async (address: string): Promise<ReturnType<typeof createSocket>> => {
    const socket = createSocket('udp4')
    socket.bind(0, address)
    await once(socket, 'listening')
    return socket
  }
  const [member, stranger] = [await socketOf('127.0.1.1'), await socketOf('127.0.2.1')]
  stranger.on('message', () => t.fail('answered'))
  // So many that most come in batches.
  for (let number = 0; number < 200; number++) stranger.send('stranger', place.port, '127.0.0.1')
  member.send('member', place.port, '127.0.0.1')
  t.is(String((await once(member, 'message') as [Buffer])[0]), 'member')
  const stream = connect({ port: place.port, host: '127.0.0.1', localAddress: '127.0.2.1' })
  stream.on('error', () => undefined)
  stream.on('data', () => t.fail('answered'))
  stream.write(framed(Buffer.from('stranger')))
  await once(stream, 'close')
  t.deepEqual(asked, ['127.0.1.1'])
  member.close()
  stranger.close()
})
