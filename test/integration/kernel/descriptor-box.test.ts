/** Descriptors that a process keeps without its doing: held while somebody has the box, taken out one by one, never out of it in between. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test from 'ava'
import { DescriptorBox } from '../../../kernel/descriptor-box.ts'
import { close } from '../../../kernel/syscalls/descriptor.ts'
import {
  AF_INET, SOCK_STREAM, bind, decodeSocketAddress, getsockname, socket, socketAddress,
} from '../../../kernel/syscalls/socket.ts'
import { isFree } from './free-port.ts'
import { requires } from '../../helpers/requires.ts'

function bound(port: number): number {
  const fd = socket(AF_INET, SOCK_STREAM)
  bind(fd, socketAddress('127.0.0.1', port))
  return fd
}

function fill(box: DescriptorBox, ports: readonly number[]): void {
  const descriptors = ports.map(bound)
  box.put(descriptors)
  descriptors.forEach(close)
}

const portOf = (fd: number): number => decodeSocketAddress(getsockname(fd) ?? Buffer.alloc(0))?.port ?? 0

test('what is in a box stays open, and a sweep closes exactly what is not to stay', t => {
  const box = DescriptorBox.create()
  const ports = Array.from({ length: 600 }, (_, i) => 20_000 + i)
  fill(box, ports)
  t.true(ports.every(port => !isFree(port)))
  box.sweep(fd => portOf(fd) % 2 === 0)
  t.deepEqual(ports.filter(isFree), ports.filter(port => port % 2 === 1))
  box.sweep(() => true)
  t.deepEqual(ports.filter(isFree), ports.filter(port => port % 2 === 1))
  box[Symbol.dispose]()
  t.true(ports.every(isFree))
})

test('an abandoned sweep leaves nothing unheld and nothing that the next one does not see', t => {
  using box = DescriptorBox.create()
  fill(box, [20_700, 20_701, 20_702])
  fill(box, [20_703])
  let asked = 0
  t.throws(() => box.sweep(() => {
    asked += 1
    if (asked === 4) throw new Error('dies here')
    return true
  }))
  t.deepEqual([20_700, 20_701, 20_702, 20_703].filter(isFree), [])
  const seen: number[] = []
  box.sweep(fd => {
    seen.push(portOf(fd))
    return portOf(fd) === 20_703
  })
  t.deepEqual([...new Set(seen)].toSorted((a, b) => a - b), [20_700, 20_701, 20_702, 20_703])
  t.deepEqual([20_700, 20_701, 20_702, 20_703].filter(isFree), [20_700, 20_701, 20_702])
})

test('the box of another process is filled and emptied from here, and gone with that process', async t => {
  if (!requires.root(t)) return
  const box = DescriptorBox.create()
  const child = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', box.ends[0], box.ends[1]] })
  await once(child, 'spawn')
  box[Symbol.dispose]()
  const open = (): DescriptorBox => DescriptorBox.of(child.pid ?? 0, [3, 4]) ?? t.fail('no box') as never
  {
    using theirs = open()
    fill(theirs, [20_710, 20_711])
  }
  t.deepEqual([20_710, 20_711].filter(isFree), [])
  {
    using theirs = open()
    theirs.sweep(fd => portOf(fd) === 20_711)
  }
  t.deepEqual([20_710, 20_711].filter(isFree), [20_710])
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.true(isFree(20_711))
  t.is(DescriptorBox.of(child.pid ?? 0, [3, 4]), undefined)
})
