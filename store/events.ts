/** The log of events in the state database: as many as are of use, the oldest of them leave. */
import type { EventRecord, EventSink, EventSource, StoredEvent } from '../cnm/events.ts'
import type { Connection } from './connection.ts'

/** Docker keeps 256, and none over a restart. */
export const keptEvents = 10_000
/** Leaving is done in steps, so that not every event pays for it. */
const step = 256

const insert = 'INSERT INTO events (time, type, action, actor, attributes) VALUES (?, ?, ?, ?, ?)'
const forget = 'DELETE FROM events WHERE number <= ?'
const select = 'SELECT number, time, type, action, actor, attributes FROM events WHERE number > ? ORDER BY number'
const last = "SELECT seq FROM sqlite_sequence WHERE name = 'events'"

export function openEventLog(connection: Connection): EventSink & EventSource {
  return {
    append({ time, type, action, actor, attributes }) {
      const { lastInsertRowid } = connection.prepare(insert).run(time, type, action, actor, JSON.stringify(attributes))
      const number = Number(lastInsertRowid)
      if (number % step === 0) connection.prepare(forget).run(number - keptEvents)
    },
    after: number => connection.prepare(select).all(number).map(toEvent),
    last: () => Number(connection.prepare(last).get()?.['seq'] ?? 0),
  }
}

function toEvent({ number, time, type, action, actor, attributes }: Record<string, unknown>): StoredEvent {
  return {
    number: Number(number), time: String(time), type: type === 'container' ? 'container' : 'network',
    action: String(action), actor: String(actor), attributes: JSON.parse(String(attributes)) as EventRecord['attributes'],
  }
}
