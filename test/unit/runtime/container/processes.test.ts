import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test from 'ava'
import { hostProcesses } from '../../../../runtime/container/processes.ts'

test('a process is known by pid and start time, signalled, and gone when it has ended', async t => {
  const child = spawn('sleep', ['1000'])
  const pid = child.pid ?? 0
  const name = { pid, startTime: hostProcesses.startTimeOf(pid) }
  t.true(hostProcesses.isAlive(name))
  t.false(hostProcesses.isAlive({ ...name, startTime: name.startTime + 1 }))
  t.false(hostProcesses.signal({ ...name, startTime: name.startTime + 1 }, 9))
  t.false(await hostProcesses.waitEnd(name, 0))
  const exit = once(child, 'exit')
  t.true(hostProcesses.signal(name, 9))
  t.true(await hostProcesses.waitEnd(name, 10_000))
  t.deepEqual(await exit, [null, 'SIGKILL'])
  t.false(hostProcesses.signal(name, 9))
  t.is(hostProcesses.startTimeOf(pid), 0)
})

test.serial('a clock that is set back while an end is waited for makes nobody wait longer', async t => {
  const child = spawn('sleep', ['1000'])
  const now = Date.now
  let set = now()
  Date.now = () => set -= 3_600_000
  try {
    const pid = child.pid ?? 0
    t.false(await hostProcesses.waitEnd({ pid, startTime: hostProcesses.startTimeOf(pid) }, 20))
  } finally {
    Date.now = now
    child.kill('SIGKILL')
  }
})

test('no process has pid 0', t => {
  t.false(hostProcesses.isAlive({ pid: 0, startTime: 0 }))
})
