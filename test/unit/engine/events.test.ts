import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { EventRecord } from '../../../cnm/events.ts'
import { followEvents } from '../../../engine/events.ts'
import { openStore } from '../../../store/store.ts'

const event = (action: string, time = '2026-01-31T12:00:00.000000001Z'): EventRecord =>
  ({ type: 'network', action, actor: 'n1', attributes: { name: 'blue' }, time })

test('following gives what was since a time, then what another connection appends, until the time is over', async t => {
  const root = mkdtempSync(join(tmpdir(), 'tsnet-events-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  using store = openStore(root)
  using other = openStore(root)
  store.write(tx => {
    tx.events.append(event('old', '2026-01-31T11:00:00.000000000Z'))
    tx.events.append(event('recent', '2026-01-31T12:00:00.000000000Z'))
  })
  const sinceMs = Date.parse('2026-01-31T11:30:00Z')
  const seen: string[] = []
  for await (const { action } of followEvents(store, root, { sinceMs })) {
    seen.push(action)
    if (seen.length === 1) other.write(tx => tx.events.append(event('live')))
    if (seen.length === 2) break
  }
  t.deepEqual(seen, ['recent', 'live'])
  const bounded: string[] = []
  for await (const { action } of followEvents(store, root, { sinceMs: 0, untilMs: sinceMs })) bounded.push(action)
  t.deepEqual(bounded, ['old'])
  for await (const { action } of followEvents(store, root, { untilMs: Date.now() - 1 })) bounded.push(action)
  t.deepEqual(bounded, ['old'], 'without a since, what was is not told')
})
