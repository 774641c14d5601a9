/**
 * PAX extended headers: `LENGTH KEY=VALUE\n` records that override fields of the header they precede.
 *
 * Values stay bytes: an extended attribute such as security.capability is no text. An empty value takes the key back.
 */
import { invalidImage } from './invalid-image.ts'

export type PaxRecords = ReadonlyMap<string, Buffer>

const xattrPrefix = 'SCHILY.xattr.'

/** @throws invalid-image */
export function decodePax(data: Buffer): PaxRecords {
  const records = new Map<string, Buffer>()
  let offset = 0
  while (offset < data.length && data[offset] !== 0) {
    const space = data.indexOf(0x20, offset)
    const digits = space < 0 ? '' : data.toString('latin1', offset, space)
    const end = /^[1-9][0-9]{0,8}$/.test(digits) ? offset + Number(digits) : 0
    const equals = data.indexOf(0x3d, space)
    if (end <= space || end > data.length || data[end - 1] !== 0x0a || equals < 0 || equals >= end) {
      throw invalidImage('a pax header is damaged')
    }
    records.set(data.toString('utf8', space + 1, equals), data.subarray(equals + 1, end - 1))
    offset = end
  }
  return records
}

/** `later` over `earlier`; keys whose later value is empty are gone. */
export function mergePax(earlier: PaxRecords, later: PaxRecords): PaxRecords {
  const merged = new Map([...earlier, ...later])
  for (const [key, value] of later) if (value.length === 0 && !key.startsWith(xattrPrefix)) merged.delete(key)
  return merged
}

export function paxBytes(records: PaxRecords, key: string): string | undefined {
  return records.get(key)?.toString('latin1')
}

/** A decimal integer. @throws invalid-image */
export function paxInteger(records: PaxRecords, key: string): number | undefined {
  const value = records.get(key)?.toString('latin1')
  if (value === undefined) return undefined
  if (!/^[0-9]{1,15}$/.test(value)) throw invalidImage(`a pax header has a bad ${key}: "${value}"`)
  return Number(value)
}

/** Seconds since the epoch with an optional fraction, in nanoseconds. @throws invalid-image */
export function paxTime(records: PaxRecords, key: string): bigint | undefined {
  const value = records.get(key)?.toString('latin1')
  if (value === undefined) return undefined
  const match = /^(-?)([0-9]{1,12})(?:\.([0-9]*))?$/.exec(value)
  if (match === null) throw invalidImage(`a pax header has a bad ${key}: "${value}"`)
  const [, sign, seconds = '0', fraction = ''] = match
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9))
  return sign === '-' ? -nanoseconds : nanoseconds
}

/** Extended attributes by name. */
export function paxXattrs(records: PaxRecords): ReadonlyMap<string, Buffer> {
  const attributes = new Map<string, Buffer>()
  for (const [key, value] of records) if (key.startsWith(xattrPrefix)) attributes.set(key.slice(xattrPrefix.length), value)
  return attributes
}
