import test from 'ava'
import { formatEvent } from '../../../../cli/output/event-text.ts'
import { eventFilter } from '../../../../cli/parse/event-filter.ts'
import type { EventRecord } from '../../../../cnm/events.ts'

const network: EventRecord = {
  type: 'network', action: 'connect', actor: 'aa11', time: '2026-01-31T12:00:00.123456789Z',
  attributes: { name: 'blue', type: 'bridge', container: 'cc33' },
}
const container: EventRecord = { type: 'container', action: 'die', actor: 'cc33', time: network.time, attributes: { image: 'bb', name: 'web', exitCode: '3', team: 'a' } }

test('a line, JSON and a template, as Docker has them', t => {
  t.is(formatEvent(network), '2026-01-31T12:00:00.123456789Z network connect aa11 (container=cc33, name=blue, type=bridge)')
  t.is(formatEvent(network, 'json'), '{"Type":"network","Action":"connect","Actor":{"ID":"aa11","Attributes":{"name":"blue","type":"bridge","container":"cc33"}},'
    + '"scope":"local","time":1769860800,"timeNano":1769860800123456789}')
  t.is(formatEvent(network, '{{json .}}'), formatEvent(network, 'json'))
  t.regex(formatEvent(container, 'json'), /^\{"status":"die","id":"cc33","from":"bb","Type":"container"/)
  t.is(formatEvent(container, '{{.Type}} {{.Action}} {{.Actor.Attributes.exitCode}} {{.Time}} {{.TimeNano}}'), 'container die 3 1769860800 1769860800123456789')
  t.throws(() => formatEvent(network, '{{.Nothing}}'), { code: 'invalid-argument' })
})

for (const [words, expected] of [
  [[], [true, true]], [['type=network'], [true, false]], [['type=network', 'type=container'], [true, true]], [['event=die'], [false, true]],
  [['network=blue'], [true, false]], [['network=aa'], [true, false]], [['network=red'], [false, false]], [['container=cc33'], [true, true]],
  [['container=web'], [false, true]], [['container='], [false, false]], [['label=team=a'], [false, true]], [['label=team', 'event=start'], [false, false]],
  [['image=bb'], [false, true]], [['scope=local'], [true, true]], [['scope=swarm'], [false, false]],
] as const) {
  test(`the filter ${JSON.stringify(words)}`, t => {
    t.deepEqual([network, container].map(eventFilter(words)), [...expected])
  })
}

for (const word of ['type=volume', 'daemon=x', 'type']) {
  test(`the filter ${word} is refused`, t => { t.throws(() => eventFilter([word]), { code: 'invalid-argument' }) })
}
