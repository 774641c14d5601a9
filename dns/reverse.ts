/** Names of addresses: `2.0.18.172.in-addr.arpa`, `…8.b.d.0.1.0.0.2.ip6.arpa`. RFC 1035 §3.5, RFC 3596 §2.5. */
import { type IpAddress, ipFromBytes } from '../address/ip.ts'

/** The address that a name stands for; undefined for any other name, of a whole subnet for one. */
export function addressOfName(name: string): IpAddress | undefined {
  const labels = name.split('.')
  const [zone, top] = [labels.at(-2), labels.at(-1)]
  if (top !== 'arpa') return undefined
  const digits = labels.slice(0, -2).toReversed()
  if (zone === 'in-addr' && digits.length === 4 && digits.every(label => /^(0|[1-9]\d{0,2})$/.test(label) && Number(label) < 256)) {
    return ipFromBytes(Uint8Array.from(digits, Number))
  }
  if (zone === 'ip6' && digits.length === 32 && digits.every(label => /^[0-9a-f]$/.test(label))) {
    return ipFromBytes(Buffer.from(digits.join(''), 'hex'))
  }
  return undefined
}
