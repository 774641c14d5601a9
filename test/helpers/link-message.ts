/**
 * What a message about a link says, however it is spelled: programs differ in the flag that marks a nest, in the zero behind a text and in what they leave in
 * bytes that are not read.
 */
import { decodeAttributes } from '../../kernel/netlink/attribute.ts'

/** Nested attributes of links, by the path of their types. */
const nests: ReadonlySet<string> = new Set(['18', '18.2', '26'])
const texts: ReadonlySet<string> = new Set(['3', '18.1'])

/** `payload`: from struct ifinfomsg on. */
export function messageShape(type: number, payload: Buffer): unknown {
  return { type, family: payload.readUInt8(0), index: payload.readInt32LE(4), flags: payload.readUInt32LE(8), change: payload.readUInt32LE(12), attributes: shapes(payload.subarray(16), '') }
}

function shapes(buffer: Buffer, path: string): unknown {
  return decodeAttributes(buffer).map(({ type, value }) => {
    const here = path === '' ? String(type) : `${path}.${type}`
    return [type, nests.has(here) ? shapes(value, here) : texts.has(here) ? value.toString().replace(/\0$/, '') : value.toString('hex')]
  })
}
