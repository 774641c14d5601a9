/**
 * Where a domain name on the wire ends: `| length | label | … | 0 |`, or a pointer to an earlier name in place of the rest. RFC 1035 §3.1,
 * §4.1.4. Pointers are not followed, so there is nothing to go in circles.
 */
export interface NameEnd {
  /** Offset behind the name. */
  readonly end: number
  /** Labels before the end or the pointer. */
  readonly labels: number
  readonly isPointer: boolean
}

const MAX_LABEL = 63
const MAX_NAME = 255

/** Undefined where there is no name. */
export function nameEnd(message: Uint8Array, offset: number): NameEnd | undefined {
  for (let at = offset, labels = 0; ; labels++) {
    const size = message[at]
    if (size === undefined || at - offset >= MAX_NAME) return undefined
    if (size === 0) return { end: at + 1, labels, isPointer: false }
    if (size >= 0xc0) return at + 2 > message.length ? undefined : { end: at + 2, labels, isPointer: true }
    if (size > MAX_LABEL) return undefined
    at += size + 1
  }
}

/** Whether a text fits the wire as a name; dns-packet writes any, and what is too long as garbage. */
export function isName(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_NAME - 2 && text.split('.').every(label => label !== '' && Buffer.byteLength(label) <= MAX_LABEL)
}
