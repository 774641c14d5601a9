/**
 * Bandwidths as a user writes them: `100mbit`, or with the size of a burst behind a slash, `100mbit/256k`. Units are those of tc, but for its
 * `mbps`, which means megabytes there and megabits to nearly everybody. Pure.
 */
import type { Bandwidth } from '../../cnm/driver.ts'

const bitUnits: Readonly<Record<string, number>> = {
  '': 1, bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9, kibit: 2 ** 10, mibit: 2 ** 20, gibit: 2 ** 30,
}
const byteUnits: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, kb: 2 ** 10, m: 2 ** 20, mb: 2 ** 20 }

const minBits = 8_000
const maxBits = 1e12
/** A bucket below a packet of any usual MTU lets nothing through. */
const minBurst = 10_000
const maxBurst = 0x7fff_ffff
/** Without a burst given: what the rate makes in 10 ms, so that timers need not be precise, but some packets at least. */
const burstSeconds = 0.01
const defaultMinBurst = 32_768

/** @returns the reason where it is none */
export function readBandwidth(text: string): Bandwidth | string {
  const [, rate = '', rateUnit = '', , burst, burstUnit = ''] =
    /^(\d+(?:\.\d+)?)([a-z]*)(\/(\d*)([a-z]*))?$/.exec(text.toLowerCase()) ?? []
  const bitsPerSecond = Math.round(Number(rate === '' ? Number.NaN : rate) * (bitUnits[rateUnit] ?? Number.NaN))
  if (!(bitsPerSecond >= minBits && bitsPerSecond <= maxBits)) return 'a rate is a number from 8kbit to 1000gbit with the unit bit, kbit, mbit or gbit'
  if (burst === undefined) return { bitsPerSecond, burstBytes: Math.min(Math.max(Math.ceil(bitsPerSecond / 8 * burstSeconds), defaultMinBurst), maxBurst) }
  const burstBytes = Number(burst === '' ? Number.NaN : burst) * (byteUnits[burstUnit] ?? Number.NaN)
  if (!(burstBytes >= minBurst && burstBytes <= maxBurst)) return 'a burst is a number of bytes from 10000 to 2147483647, or with the unit k or m'
  return { bitsPerSecond, burstBytes }
}
