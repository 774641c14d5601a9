/** Whom the forwarder asks, when, and what it remembers; with servers and a clock of the test's own. */
import test from 'ava'
import { type Exchange, Forwarder } from '../../../../dns/forward/forwarder.ts'
import { FakeClock } from '../fake-clock.ts'
import { question, reply, summary } from '../messages.ts'

type Behaviour = 'good' | 'silent' | 'refused' | 'servfail' | number

class World {
  readonly clock = new FakeClock()
  readonly asked: string[] = []
  readonly behaviour: Record<string, Behaviour> = {}
  ttl = 60
  readonly forwarder: Forwarder

  constructor() {
    const exchange: Exchange = (server, message, { signal }) => {
      this.asked.push(server)
      const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
      const good = (): void => resolve(reply(message, { answers: [{ ttl: this.ttl, data: Buffer.from(server.padEnd(4).slice(0, 4)) }] }))
      signal.addEventListener('abort', () => reject(new Error('called off')))
      const how = this.behaviour[server] ?? 'good'
      if (how === 'good') good()
      else if (how === 'refused') reject(new Error('ECONNREFUSED'))
      else if (how === 'servfail') resolve(reply(message, { rcode: 2 }))
      else if (typeof how === 'number') this.clock.after(how, good)
      return promise
    }
    this.forwarder = new Forwarder(exchange, this.clock)
  }

  /** Who answered, or the rcode, or `nobody`; and at what time. */
  async ask(servers: readonly string[], name = 'example.com', ms = 6000): Promise<string> {
    const start = this.clock.now()
    let told = 'still waiting'
    void this.forwarder.forward(question(name, 'A'), servers, 'udp').then(answer => {
      const by = answer === undefined ? 'nobody' : summary(answer).rcode === 0 ? answer.toString('latin1', answer.length - 4).trim() : `rcode ${String(summary(answer).rcode)}`
      told = `${by} after ${this.clock.now() - start}`
    })
    await this.clock.pass(ms)
    return told
  }
}

test('the first server is asked, and no other, where it answers', async t => {
  const world = new World()
  t.is(await world.ask(['one', 'two']), 'one after 0')
  t.deepEqual(world.asked, ['one'])
})

test('a slow server is overtaken by the next one, and then asked last for a while', async t => {
  const world = new World()
  world.behaviour['one'] = 'silent'
  t.is(await world.ask(['one', 'two']), 'two after 250')
  t.is(await world.ask(['one', 'two'], 'other.example'), 'two after 0')
  t.deepEqual(world.asked, ['one', 'two', 'two'])
  world.behaviour['one'] = 'good'
  await world.clock.pass(30_000)
  t.is(await world.ask(['one', 'two'], 'third.example'), 'one after 0')
})

test('a server that is not there costs no time', async t => {
  const world = new World()
  world.behaviour['one'] = 'refused'
  t.is(await world.ask(['one', 'two']), 'two after 0')
})

test('an error of one server is not the last word, but of all it is', async t => {
  const world = new World()
  world.behaviour['one'] = 'servfail'
  t.is(await world.ask(['one', 'two']), 'two after 0')
  world.behaviour['two'] = 'servfail'
  t.is(await world.ask(['one', 'two'], 'other.example'), 'rcode 2 after 0')
  t.deepEqual(world.asked, ['one', 'two', 'one', 'two'])
})

test('the answer of a slow server counts, also after the others were asked', async t => {
  const world = new World()
  Object.assign(world.behaviour, { one: 400, two: 'silent' })
  t.is(await world.ask(['one', 'two']), 'one after 400')
})

test('a lost datagram is sent once more', async t => {
  const world = new World()
  world.behaviour['one'] = 'silent'
  void world.clock.after(1000, () => { world.behaviour['one'] = 'good' })
  t.is(await world.ask(['one']), 'one after 1500')
})

test('where nobody answers, the question ends before the client gives up', async t => {
  const world = new World()
  Object.assign(world.behaviour, { one: 'silent', two: 'silent' })
  t.is(await world.ask(['one', 'two']), 'nobody after 4500')
  Object.assign(world.behaviour, { one: 'refused', two: 'refused' })
  t.is(await world.ask(['one', 'two'], 'other.example'), 'nobody after 0')
  t.is(await world.ask([], 'third.example'), 'nobody after 0')
})

test('an answer is kept as long as it holds', async t => {
  const world = new World()
  for (let seconds = 0; seconds < 60; seconds += 6) t.is(await world.ask(['one']), 'one after 0')
  t.is(world.asked.length, 1)
  await world.ask(['one'])
  t.is(world.asked.length, 2)
  t.is(await world.ask(['two']), 'two after 0', 'other servers may say otherwise')
  world.ttl = 0
  await world.ask(['one'], 'other.example')
  await world.ask(['one'], 'other.example')
  t.is(world.asked.length, 5)
})

test('equal questions under way are asked once, and each has its own id', async t => {
  const world = new World()
  world.behaviour['one'] = 100
  const asked = [1, 2, 3].map(id => world.forwarder.forward(question('example.com', 'A', { id }), ['one'], 'udp'))
  await world.clock.pass(200)
  t.deepEqual((await Promise.all(asked)).map(answer => answer?.readUInt16BE(0)), [1, 2, 3])
  t.is(world.asked.length, 1)
})

test('beyond a thousand questions under way, further ones fail at once', async t => {
  const world = new World()
  world.behaviour['one'] = 'silent'
  const asked = Array.from({ length: 1025 }, (_, i) => world.forwarder.forward(question(`n${i}.example`, 'A'), ['one'], 'udp'))
  t.is(await asked[1024], undefined)
  t.is(world.asked.length, 1024)
  await world.clock.pass(5000)
  await Promise.all(asked)
})
