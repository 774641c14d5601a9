/** The helper process: it does the work, nobody waits for it, and it leaves nothing. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type Socket, createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import test, { type ExecutionContext } from 'ava'
import { closeDetached, holdOpen, sendDetached } from '../../../kernel/deferred-send.ts'
import { helperElf } from '../../../kernel/helper-elf.ts'
import { NETLINK_NETFILTER, NETLINK_ROUTE } from '../../../kernel/netlink/native-socket.ts'
import { NetlinkSocket } from '../../../kernel/netlink/socket.ts'
import { deleteLink } from '../../../kernel/netlink/link.ts'
import { Rtnetlink } from '../../../kernel/netlink/rtnetlink.ts'
import { requires } from '../../helpers/requires.ts'

/** Runs the helper's file with a connected socket as descriptor 3 and a pipe as 4, and gives what the socket's other end receives. */
async function runHelper(t: ExecutionContext, arch: string, runner: readonly string[], messages: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-helper-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'helper'), helperElf(arch), { mode: 0o755 })
  const server = createServer().listen(join(folder, 'socket'))
  await once(server, 'listening')
  const client = createConnection(join(folder, 'socket'))
  const [end] = await once(server, 'connection') as [Socket]
  const argv = [...runner, join(folder, 'helper')]
  const child: ChildProcess = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', 'ignore', 'ignore', client, 'pipe'] })
  const exited = once(child, 'exit')
  const pipe = child.stdio[4] as Writable
  for (const message of messages) pipe.write(message)
  pipe.end()
  client.destroy()
  let received = ''
  end.on('data', (chunk: Buffer) => { received += String(chunk) })
  await once(end, 'close')
  t.deepEqual(await exited, [0, null])
  server.close()
  return received
}

for (const [arch, runner] of [[process.arch, []], ['arm64', ['qemu-aarch64']]] as const) {
  test.serial(`the helper for ${arch}${runner.length > 0 ? ' (emulated)' : ''} sends what comes through the pipe, and ends with it`, async t => {
    if (!requires.root(t)) return
    if (runner.length > 0 && !requires.tool(t, 'qemu-aarch64')) return
    t.is(await runHelper(t, arch, runner, ['a message']), 'a message')
  })
}

test.serial('a link is deleted by the helper, which then is nobody\'s child', async t => {
  if (!requires.root(t)) return
  execFileSync('ip', ['link', 'add', 'gone0', 'type', 'bridge'])
  using socket = NetlinkSocket.open(NETLINK_ROUTE)
  const links = new Rtnetlink(() => {})
  const before = readdirSync('/proc/self/fd').length
  t.true(sendDetached(socket.fd, socket.encode(deleteLink(links.getIndex('gone0'), 'gone0'))))
  t.is(readdirSync('/proc/self/fd').length, before)
  while (links.findIndex('gone0') !== undefined) await new Promise(resolve => { setImmediate(resolve) })
  t.is(readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8'), '')
  links.close()
})

test.serial('a socket held open by a helper lives until it is let go', async t => {
  if (!requires.root(t)) return
  const socket = NetlinkSocket.open(NETLINK_ROUTE)
  const inode = socketsOfHost().find(line => !knownBefore.has(line))
  const release = holdOpen(socket.fd)
  socket.close()
  t.not(inode, undefined)
  t.true(socketsOfHost().includes(inode!))
  release()
  while (socketsOfHost().includes(inode!)) await new Promise(resolve => { setImmediate(resolve) })
  t.pass()
})

const knownBefore = new Set(socketsOfHost())

/** Inodes of the host's netlink sockets, as the kernel lists them. */
function socketsOfHost(): readonly string[] {
  return readFileSync('/proc/self/net/netlink', 'utf8').trim().split('\n').slice(1).map(line => line.trim().split(/\s+/).at(-1) ?? '')
}

test.serial('closing an nfnetlink socket by the helper leaves no descriptor and no child', t => {
  if (!requires.root(t)) return
  NetlinkSocket.open(NETLINK_NETFILTER).close()
  const before = readdirSync('/proc/self/fd').length
  const socket = NetlinkSocket.open(NETLINK_NETFILTER)
  closeDetached(socket.fd, () => socket.close())
  t.is(readdirSync('/proc/self/fd').length, before)
  t.is(readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8'), '')
})
