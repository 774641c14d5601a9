/**
 * Domain names on the wire: `| length | label | … | 0 |`, with pointers to earlier names. Text is in lower case, as names are compared; what
 * is no letter, digit or sign is written `\DDD`, so that a dot inside a label is not taken for one between labels. RFC 1035 §3.1, §4.1.4.
 */
export interface DecodedName { readonly name: string, readonly next: number }

const MAX_LABEL = 63
const MAX_NAME = 255

/** The name at `offset`, and where the message goes on; undefined where there is none. Pointers lead backwards only, so never in circles. */
export function decodeName(message: Uint8Array, offset: number): DecodedName | undefined {
  const labels: string[] = []
  let next: number | undefined
  let length = 1
  for (let at = offset, start = offset; ;) {
    const size = message[at]
    if (size === undefined) return undefined
    if (size === 0) return { name: labels.join('.'), next: next ?? at + 1 }
    if (size > MAX_LABEL) {
      const low = message[at + 1]
      if (size < 0xc0 || low === undefined) return undefined
      next ??= at + 2
      at = (size & 0x3f) << 8 | low
      if (at >= start) return undefined
      start = at
      continue
    }
    length += size + 1
    if (length > MAX_NAME || at + 1 + size > message.length) return undefined
    labels.push(textOf(message.subarray(at + 1, at + 1 + size)))
    at += size + 1
  }
}

/** The wire form of labels of plain text; undefined where a label or the whole is too long or empty. */
export function encodeName(name: string): Buffer | undefined {
  const labels = name === '' ? [] : name.split('.').map(label => Buffer.from(label))
  if (labels.some(label => label.length === 0 || label.length > MAX_LABEL)) return undefined
  const bytes = Buffer.concat([...labels.flatMap(label => [Buffer.of(label.length), label]), Buffer.of(0)])
  return bytes.length > MAX_NAME ? undefined : bytes
}

function textOf(label: Uint8Array): string {
  let text = ''
  for (const byte of label) {
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x2e && byte !== 0x5c
    if (!plain) text += `\\${String(byte).padStart(3, '0')}`
    else text += String.fromCharCode(byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte)
  }
  return text
}
