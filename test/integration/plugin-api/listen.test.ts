/** The plugin's socket in the file system: whose it is, and when it goes. */
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import test from 'ava'
import { listenUnix } from '../../../plugin-api/listen.ts'

const listener = (): void => undefined

test('the socket is root\'s alone, the only file, and gone at the end', async t => {
  using folder = temporary()
  const listening = await listenUnix(listener, folder.socket)
  t.is(statSync(folder.socket).mode & 0o777, 0o600)
  t.deepEqual(readdirSync(folder.path), ['x.sock'])
  await t.throwsAsync(listenUnix(listener, folder.socket), { code: 'socket-in-use' })
  await listening.close()
  t.deepEqual(readdirSync(folder.path), [])
})

test('where the socket was removed and a successor has made its own, that one stays and is answered', async t => {
  using folder = temporary()
  const first = await listenUnix(listener, folder.socket)
  rmSync(folder.socket)
  const second = await listenUnix(listener, folder.socket)
  await first.close()
  const client = connect({ path: folder.socket })
  await once(client, 'connect')
  client.destroy()
  await second.close()
  t.deepEqual(readdirSync(folder.path), [])
})

test('a file that is no socket stays, and a path that is too long is said to be', async t => {
  using folder = temporary()
  writeFileSync(folder.socket, 'mine')
  await t.throwsAsync(listenUnix(listener, folder.socket), { code: 'file-exists' })
  await t.throwsAsync(listenUnix(listener, join(folder.path, 'x'.repeat(120))), { code: 'invalid-argument', message: /at most 107 bytes/ })
  t.deepEqual(readdirSync(folder.path), ['x.sock'])
})

function temporary(): Disposable & { readonly path: string, readonly socket: string } {
  const path = mkdtempSync('/run/listen-')
  return { path, socket: join(path, 'x.sock'), [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}
