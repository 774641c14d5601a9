import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { bootId, processStartTime } from '../../../kernel/boot.ts'
import { acquireOwnerLock, isOwnerAlive, removeDeadOwners } from '../../../kernel/lock.ts'

function runRoot(t: ExecutionContext): string {
  const root = mkdtempSync(join(tmpdir(), 'tsnet-lock-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  return root
}

test('an owner lives until it lets go, and leaves no file', t => {
  const root = runRoot(t)
  const lock = acquireOwnerLock(root)
  t.true(isOwnerAlive(root, lock.name))
  removeDeadOwners(root)
  t.true(isOwnerAlive(root, lock.name))
  lock.release()
  lock.release()
  t.false(isOwnerAlive(root, lock.name))
  t.deepEqual(readdirSync(join(root, 'owners')), [])
})

test('a killed owner is dead, and its file is removed by the first that asks', async t => {
  const root = runRoot(t)
  const module = new URL('../../../kernel/lock.ts', import.meta.url).href
  const source = `const { acquireOwnerLock } = await import('${module}'); console.log(acquireOwnerLock('${root}').name); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data') as [Buffer]
  const name = String(line).trim()
  t.true(isOwnerAlive(root, name))
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.deepEqual(readdirSync(join(root, 'owners')), [name])
  t.false(isOwnerAlive(root, name))
  t.deepEqual(readdirSync(join(root, 'owners')), [])
})

test('a name that never was is dead, and a run root without owners has nothing to remove', t => {
  const root = runRoot(t)
  t.false(isOwnerAlive(root, '1-nobody'))
  t.notThrows(() => removeDeadOwners(root))
})

test('what a death during creation left is removed', t => {
  const root = runRoot(t)
  mkdirSync(join(root, 'owners'))
  writeFileSync(join(root, 'owners/.new-1-abc'), '')
  removeDeadOwners(root)
  t.deepEqual(readdirSync(join(root, 'owners')), [])
})

test('two locks of one process have two names', t => {
  const root = runRoot(t)
  const [a, b] = [acquireOwnerLock(root), acquireOwnerLock(root)]
  t.not(a.name, b.name)
  a.release()
  t.true(isOwnerAlive(root, b.name))
  b.release()
})

test('a boot has an id, and a process a start time that a dead one has not', t => {
  t.regex(bootId(), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  t.true((processStartTime(process.pid) ?? 0) > 0)
  t.is(processStartTime(4_194_305), undefined)
})
