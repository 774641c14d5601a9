/** Sockets that outlive the process that opened them: as the kernel sees them, and as a successor finds them. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import test from 'ava'
import { Listeners } from '../../../dns/listeners.ts'
import { type Place, closeSockets } from '../../../dns/sockets.ts'
import { Vault } from '../../../dns/vault.ts'
import { DescriptorBox } from '../../../kernel/descriptor-box.ts'
import { close } from '../../../kernel/syscalls/descriptor.ts'
import { dropMessage, peekMessage, sendMessage } from '../../../kernel/syscalls/passing.ts'
import { getsockname } from '../../../kernel/syscalls/socket.ts'
import { Namespace } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'

const places = [10_053, 10_054].map((port): Place => ({ networkId: 'b', address: '127.0.0.1', port }))
const bound = async (): Promise<number> => (await new Namespace('host').run('ss', '-Hlntu')).split('\n').filter(line => /:1005[34] /.test(line)).length
const answering = (text: string) => (): Buffer => Buffer.from(text)

test.serial('a vault has what was last put into it, and a successor gets the same sockets', async t => {
  if (!requires.root(t)) return
  const box = DescriptorBox.create()
  const vault = new Vault(box.ends)
  t.is(vault.copies().size, 0)
  const first = new Listeners(answering('first'), vault)
  await first.sync(places)
  const copies = [...vault.copies().values()]
  t.deepEqual(copies.map(({ datagrams }) => getsockname(datagrams)?.readUInt16BE(2)), [10_053, 10_054])
  const again = [...vault.copies().values()]
  t.is(again.length, 2, 'copies leave it as it is')
  // As if the first had died: its sockets are closed, and what the watcher has is as it was.
  const watcher = DescriptorBox.create()
  for (let message = peekMessage(box.ends[1]); message !== undefined; message = peekMessage(box.ends[1])) {
    sendMessage(watcher.ends[0], message)
    message.descriptors.forEach(close)
    dropMessage(box.ends[1])
  }
  await first[Symbol.asyncDispose]()
  const inherited = new Vault(watcher.ends)

  const client = createSocket('udp4')
  const answered = once(client, 'message')
  client.send('a question that came meanwhile', 10_053, '127.0.0.1')
  const second = new Listeners(answering('second'), inherited)
  await second.sync(places.slice(0, 1))
  t.is(String((await answered)[0]), 'second')
  client.close()
  const left = [...inherited.copies().values()]
  t.is(left.length, 1, 'nobody wants the other any more')
  for (const sockets of [...copies, ...again, ...left]) closeSockets(sockets)
  await second[Symbol.asyncDispose]()
  box[Symbol.dispose]()
  watcher[Symbol.dispose]()
  t.is(await bound(), 0)
})

test.serial('an address that passes from one network to another is free for the new one at once', async t => {
  if (!requires.root(t)) return
  const box = DescriptorBox.create()
  const listeners = new Listeners(answering('here'), new Vault(box.ends))
  for (const networkId of ['b', 'c', 'b']) {
    await listeners.sync(places.map(place => ({ ...place, networkId })))
    t.deepEqual(listeners.report, { listening: ['127.0.0.1', '127.0.0.1'], failed: {} })
  }
  // Inside a container, all its networks share one place, which stays as it is.
  const inside = { sandboxId: 's', netns: '/proc/self/ns/net' }
  for (const networkId of ['b', 'c']) {
    await listeners.sync(places.map(place => ({ ...place, networkId, inside })))
    t.deepEqual(listeners.report.failed, {})
  }
  await listeners[Symbol.asyncDispose]()
  box[Symbol.dispose]()
  t.is(await bound(), 0)
})
