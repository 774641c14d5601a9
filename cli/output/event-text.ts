/** An event as Docker prints it: a line, its JSON, or a template over its fields. */
import type { EventRecord } from '../../cnm/events.ts'
import { formatTemplate } from './template.ts'

/** @param format absent: a line. @throws invalid-argument */
export function formatEvent(event: EventRecord, format?: string): string {
  if (format === undefined) return lineOf(event)
  if (format === 'json' || /^\{\{\s*json\s+\.\s*\}\}$/.test(format)) return jsonOf(event)
  const { type, action, actor, attributes, time } = event
  return formatTemplate(format, {
    Type: type, Action: action, Actor: { ID: actor, Attributes: attributes }, Scope: 'local', Status: action, ID: actor,
    From: attributes['image'] ?? '', Time: Number(secondsOf(time)), TimeNano: `${secondsOf(time)}${nanosecondsOf(time)}`,
  })
}

/** `2026-01-31T12:00:00.000000000Z network connect ID (container=…, name=blue, type=bridge)` */
function lineOf({ time, type, action, actor, attributes }: EventRecord): string {
  const pairs = Object.entries(attributes).toSorted(([a], [b]) => a < b ? -1 : a > b ? 1 : 0).map(([key, value]) => `${key}=${value}`)
  return `${time} ${type} ${action} ${actor} (${pairs.join(', ')})`
}

/** Docker's nanoseconds are a number that JavaScript has none for. */
function jsonOf({ time, type, action, actor, attributes }: EventRecord): string {
  const older = type === 'container' ? { status: action, id: actor, from: attributes['image'] ?? '' } : {}
  const text = JSON.stringify({
    ...older, Type: type, Action: action, Actor: { ID: actor, Attributes: attributes }, scope: 'local', time: Number(secondsOf(time)), timeNano: 0,
  })
  return text.replace(/0\}$/, `${secondsOf(time)}${nanosecondsOf(time)}}`)
}

function secondsOf(time: string): string {
  return String(Math.floor(Date.parse(time) / 1000))
}

function nanosecondsOf(time: string): string {
  return (/\.(\d+)Z$/.exec(time)?.[1] ?? '').padEnd(9, '0')
}
