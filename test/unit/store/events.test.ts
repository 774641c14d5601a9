import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { EventRecord } from '../../../cnm/events.ts'
import { keptEvents } from '../../../store/events.ts'
import { openStore } from '../../../store/store.ts'

const event = (action: string, time = '2026-01-31T12:00:00.000000001Z'): EventRecord =>
  ({ type: 'network', action, actor: 'n1', attributes: { name: 'blue' }, time })

test('the oldest events leave, numbers go on, and a transaction that is taken back tells nothing', t => {
  const root = mkdtempSync(join(tmpdir(), 'tsnet-events-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  using store = openStore(root)
  t.is(store.read(tx => tx.events.last()), 0)
  t.throws(() => store.write(tx => {
    tx.events.append(event('create'))
    throw new Error('stop')
  }))
  t.deepEqual(store.read(tx => tx.events.after(0)), [])
  store.write(tx => { for (let i = 1; i <= keptEvents + 1000; i++) tx.events.append(event(`e${i}`)) })
  const kept = store.read(tx => tx.events.after(0))
  t.true(kept.length >= keptEvents && kept.length < keptEvents + 256, String(kept.length))
  t.deepEqual(kept.at(-1), { ...event(`e${keptEvents + 1000}`), number: keptEvents + 1000 })
  t.is(store.read(tx => tx.events.last()), keptEvents + 1000)
})
