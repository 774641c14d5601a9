/**
 * The ports that tsnet may choose from by itself: the kernel's range for outgoing connections, as Docker does, without those that the
 * administrator reserved. Source: Documentation/networking/ip-sysctl.rst.
 */
import { readFileSync } from 'node:fs'
import type { PortRange } from '../../objects/firewall.ts'

export interface EphemeralPorts { readonly range: PortRange, readonly reserved: readonly PortRange[] }

/** Where /proc does not say: the range that Docker falls back to. */
const FALLBACK: PortRange = { first: 49_153, last: 65_535 }

export function readEphemeralPorts(): EphemeralPorts {
  const [first, last] = readSysctl('ip_local_port_range').split(/\s+/).map(Number)
  const range = first !== undefined && last !== undefined && first >= 1 && last <= 65_535 && first <= last ? { first, last } : FALLBACK
  return { range, reserved: parseRanges(readSysctl('ip_local_reserved_ports')) }
}

/** `8080,9000-9100` */
export function parseRanges(text: string): readonly PortRange[] {
  return text.split(',').filter(part => part !== '').map(part => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return { first, last }
  })
}

/** Every start of `size` consecutive, unreserved ports, each once, beginning with the one after `last` and going round. */
export function* candidates({ range, reserved }: EphemeralPorts, size: number, last: number): Generator<number> {
  const count = range.last - range.first + 2 - size
  const offset = last >= range.first && last < range.last ? last + 1 - range.first : 0
  for (let i = 0; i < count; i += 1) {
    const first = range.first + (offset + i) % count
    if (!reserved.some(hole => hole.first <= first + size - 1 && first <= hole.last)) yield first
  }
}

function readSysctl(name: string): string {
  try {
    return readFileSync(`/proc/sys/net/ipv4/${name}`, 'utf8').trim()
  } catch {
    return ''
  }
}
