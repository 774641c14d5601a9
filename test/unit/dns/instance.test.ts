import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { awaitEnd, claimInstance, inheritedInstance, instanceState } from '../../../dns/instance.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsnet-instance-'))
test.after.always(() => rmSync(folder, { recursive: true }))

test.serial('there is one instance, which says where it listens, and is not waited for in vain', async t => {
  t.deepEqual(instanceState(folder), { state: 'absent' })
  t.true(await awaitEnd(folder, 0), 'there is none')
  const lock = claimInstance(folder)!
  t.deepEqual(instanceState(folder), { state: 'starting' })
  t.is(claimInstance(folder), undefined)
  t.is(inheritedInstance(folder, 99_999), undefined, 'nobody has handed us anything')
  const instance = inheritedInstance(folder, lock)!
  t.true(instance.isThere())
  const announced = { pid: 1, listening: ['172.18.0.1'], failed: { '172.18.1.1': 'taken' } }
  instance.announce({ ...announced, listening: [...announced.listening, 'fd00::1'] })
  instance.announce(announced)
  t.deepEqual(instanceState(folder), { state: 'running', announced })
  t.false(await awaitEnd(folder, 0), 'it goes on')
  instance.remove()
  t.deepEqual(instanceState(folder), { state: 'absent' })
  t.false(instance.isThere())
  t.not(claimInstance(folder), undefined, 'the next one may begin')
  t.false(instance.isThere(), 'the file is another one\'s')
})

test.serial('one that was killed is known by its file, and forgotten by who waits for its end', async t => {
  rmSync(join(folder, 'resolver.lock'))
  writeFileSync(join(folder, 'resolver.lock'), '{"pid":1}')
  t.deepEqual(instanceState(folder), { state: 'dead' })
  t.true(await awaitEnd(folder, 0))
  t.false(existsSync(join(folder, 'resolver.lock')))
})
