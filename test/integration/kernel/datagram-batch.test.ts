/** Questions and answers, many at a time: who asked is answered, whatever the kernel sends as one. */
import { execFileSync } from 'node:child_process'
import test from 'ava'
import { DatagramBatch } from '../../../kernel/syscalls/datagram-batch.ts'
import { close } from '../../../kernel/syscalls/descriptor.ts'
import {
  AF_INET, AF_INET6, SOCK_DGRAM, SOL_SOCKET, bind, getsockname, receive, sendTo, setsockopt, socket,
} from '../../../kernel/syscalls/socket.ts'
import { requires } from '../../helpers/requires.ts'

const SO_NO_CHECK = 11
const PORT = 5300

interface Peers extends Disposable { readonly server: number, readonly address: Buffer, readonly clients: readonly number[] }

function peers(family: typeof AF_INET | typeof AF_INET6, count: number): Peers {
  const stack = new DisposableStack()
  const open = (port: number): number => {
    const fd = stack.adopt(socket(family, SOCK_DGRAM), close)
    const address = Buffer.alloc(family === AF_INET ? 16 : 28)
    address.writeUInt16LE(family, 0)
    address.writeUInt16BE(port, 2)
    if (family === AF_INET) address.set([127, 0, 0, 1], 4)
    else address.set([1], 23)
    bind(fd, address)
    return fd
  }
  const server = open(PORT)
  const clients = Array.from({ length: count }, () => open(0))
  return { server, address: getsockname(server) ?? Buffer.alloc(0), clients, [Symbol.dispose]: () => stack.dispose() }
}

function received(fd: number): readonly string[] {
  const buffer = Buffer.alloc(2048)
  const texts: string[] = []
  for (let length = receive(fd, buffer); length !== undefined; length = receive(fd, buffer)) texts.push(buffer.toString('latin1', 0, length))
  return texts
}

/** Each question is answered by itself and so many dots, or not at all. */
function answerAll(batch: DatagramBatch, server: number, dots: (question: string) => number | undefined): void {
  const count = batch.receive(server)
  for (let slot = 0; slot < count; slot++) {
    const question = batch.message(slot).toString('latin1')
    const more = dots(question)
    if (more !== undefined) batch.answer(slot, Buffer.from(question + '.'.repeat(more)))
  }
  batch.send(server)
}

for (const [name, family] of [['IPv4', AF_INET], ['IPv6', AF_INET6]] as const) {
  test.serial(`${name}: each client has its own answers, one by one and in order, round after round`, t => {
    if (!requires.root(t)) return
    using all = peers(family, 5)
    const batch = new DatagramBatch()
    for (let round = 0; round < 50; round++) {
      const lengths = Array.from({ length: 60 }, () => Math.floor(Math.random() * 3))
      const isAnswered = lengths.map(() => Math.random() < 0.9)
      const questions = lengths.map((_, index) => ({ client: Math.floor(Math.random() * 5), text: `${100 + index}` }))
      for (const { client, text } of questions) sendTo(all.clients[client]!, Buffer.from(text), all.address)
      answerAll(batch, all.server, question => isAnswered[Number(question) - 100] ? lengths[Number(question) - 100] : undefined)
      all.clients.forEach((fd, client) => {
        const expected = questions.flatMap(({ client: by, text }, index) => by === client && isAnswered[index] ? [text + '.'.repeat(lengths[index]!)] : [])
        t.deepEqual(received(fd), expected)
      })
    }
  })
}

test.serial('a burst of answers to one client passes the firewall as one, a pair as two, and all go one by one where the kernel refuses to part them', t => {
  if (!requires.root(t)) return
  using all = peers(AF_INET, 2)
  execFileSync('nft', ['-f', '-'], { input: `table ip seen { chain out { type filter hook output priority 0; udp sport ${PORT} counter; }; }` })
  const batch = new DatagramBatch()
  const seen = (): number => Number(/packets (\d+)/.exec(execFileSync('nft', ['list', 'table', 'ip', 'seen'], { encoding: 'utf8' }))?.[1])
  try {
    const ask = (...texts: readonly string[]): readonly (readonly string[])[] => {
      for (const text of texts) for (const client of all.clients) sendTo(client, Buffer.from(text), all.address)
      answerAll(batch, all.server, question => question === 'a3' ? 0 : 30)
      return all.clients.map(received)
    }
    const answers = [`a1${'.'.repeat(30)}`, `a2${'.'.repeat(30)}`, 'a3']
    t.deepEqual(ask('a1', 'a2', 'a3'), [answers, answers])
    t.is(seen(), 2)
    t.deepEqual(ask('a2', 'a3'), [answers.slice(1), answers.slice(1)])
    t.is(seen(), 2 + 4)
    setsockopt(all.server, SOL_SOCKET, SO_NO_CHECK, 1)
    t.deepEqual(ask('a1', 'a2', 'a3'), [answers, answers])
    t.is(seen(), 2 + 4 + 6)
  } finally {
    execFileSync('nft', ['delete', 'table', 'ip', 'seen'])
  }
})
