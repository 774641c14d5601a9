/**
 * Reading JSON the way callers of the reference plugins rely on: keys in any case (containerd writes `HostPort`), null and the absent
 * key alike, a value of the wrong type an error that names the key.
 *
 * An exact key goes before a folded one, the last of two alike wins: as Go's encoding/json.
 */
import { cniError, cniCodes } from './error.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value under a key; undefined where it is absent or null. */
export function valueOf(object: JsonObject, key: string): unknown {
  if (Object.hasOwn(object, key)) return object[key] ?? undefined
  const folded = key.toLowerCase()
  const found = Object.keys(object).findLast(name => name.toLowerCase() === folded)
  return found === undefined ? undefined : object[found] ?? undefined
}

export function stringOf(object: JsonObject, key: string): string | undefined {
  const value = valueOf(object, key)
  if (value === undefined || typeof value === 'string') return value
  throw wrongType(key, value, 'a string')
}

export function booleanOf(object: JsonObject, key: string): boolean | undefined {
  const value = valueOf(object, key)
  if (value === undefined || typeof value === 'boolean') return value
  throw wrongType(key, value, 'true or false')
}

export function integerOf(object: JsonObject, key: string): number | undefined {
  const value = valueOf(object, key)
  if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value))) return value
  throw wrongType(key, value, 'a whole number')
}

export function objectOf(object: JsonObject, key: string): JsonObject | undefined {
  const value = valueOf(object, key)
  if (value === undefined || isObject(value)) return value
  throw wrongType(key, value, 'an object')
}

/** Absent: none. */
export function arrayOf(object: JsonObject, key: string): readonly unknown[] {
  const value = valueOf(object, key)
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  throw wrongType(key, value, 'a list')
}

export function objectsOf(object: JsonObject, key: string): readonly JsonObject[] {
  return arrayOf(object, key).map(value => {
    if (isObject(value)) return value
    throw wrongType(key, value, 'a list of objects')
  })
}

export function stringsOf(object: JsonObject, key: string): readonly string[] {
  return arrayOf(object, key).map(value => {
    if (typeof value === 'string') return value
    throw wrongType(key, value, 'a list of strings')
  })
}

function wrongType(key: string, value: unknown, wanted: string): Error {
  return cniError(cniCodes.decodingFailure, `read network configuration: "${key}" must be ${wanted}, not ${JSON.stringify(value).slice(0, 80)}`)
}
