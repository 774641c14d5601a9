/**
 * Queueing disciplines, as far as tsnet uses them: a token bucket (tbf) as the root of a link.
 *
 * Payload: struct tcmsg `| family u8 | pad | ifindex i32 | handle u32 | parent u32 | info u32 |`, then TCA_* attributes. The bucket's settings are
 * struct tc_tbf_qopt: struct tc_ratespec rate and peakrate, limit u32, buffer u32 (in ticks of 64 ns), mtu u32. The size of the bucket
 * goes as TCA_TBF_BURST, in bytes, and comes back as `buffer` alone. With a link layer named, the kernel needs no rate table.
 * Source: include/uapi/linux/pkt_sched.h, net/sched/sch_tbf.c.
 */
import type { AttributeNames } from './answer.ts'
import { attributeMap, bytes, encodeAttributes, fixedHeader, nested, readText, text, u32 } from './attribute.ts'
import { type Message, NLM_F_CREATE, NLM_F_ECHO, NLM_F_REPLACE } from './message.ts'
import type { NetlinkRequest } from './socket.ts'

export interface TokenBucket {
  readonly bytesPerSecond: number
  readonly burstBytes: number
  /** How much may wait; what comes then is dropped. */
  readonly limitBytes: number
}

/** The root of a link: `bucket` where it is a token bucket. */
export interface RootQdisc { readonly kind: string, readonly bucket?: TokenBucket }

const names: AttributeNames = {
  1: 'TCA_KIND', 2: { name: 'TCA_OPTIONS', nested: { 1: 'TCA_TBF_PARMS', 4: 'TCA_TBF_RATE64', 6: 'TCA_TBF_BURST' } },
}

/** `tc qdisc replace dev LINK root tbf rate … burst … limit …` */
export function setTokenBucket(link: number, detail: string, { bytesPerSecond, burstBytes, limitBytes }: TokenBucket): NetlinkRequest {
  const parameters = Buffer.alloc(SIZEOF_TBF_QOPT)
  parameters.writeUInt8(TC_LINKLAYER_ETHERNET, 1)
  parameters.writeUInt32LE(Math.min(bytesPerSecond, MAX_U32), RATE_OFFSET)
  parameters.writeUInt32LE(Math.min(limitBytes, MAX_U32), LIMIT_OFFSET)
  const rate64 = Buffer.alloc(8)
  rate64.writeBigUInt64LE(BigInt(bytesPerSecond))
  return request('RTM_NEWQDISC', detail, NLM_F_CREATE | NLM_F_REPLACE, [tcmsg(link), encodeAttributes([
    text(TCA_KIND, 'tbf'),
    nested(TCA_OPTIONS, [
      bytes(TCA_TBF_PARMS, parameters), u32(TCA_TBF_BURST, burstBytes), ...bytesPerSecond < MAX_U32 ? [] : [bytes(TCA_TBF_RATE64, rate64)],
    ]),
  ])])
}

/** `tc qdisc del dev LINK root`; the kernel's default takes its place. */
export function deleteRootQdisc(link: number, detail: string): NetlinkRequest {
  return request('RTM_DELQDISC', detail, 0, [tcmsg(link)])
}

/** Kernels before 6.7 answer only where an echo is asked for. */
export function getRootQdisc(link: number, detail: string): NetlinkRequest {
  return request('RTM_GETQDISC', detail, NLM_F_ECHO, [tcmsg(link)])
}

/** @throws invalid-message */
export function decodeQdisc(message: Message): RootQdisc {
  fixedHeader(message.payload, TCMSG)
  const map = attributeMap(message.payload, TCMSG)
  const kind = readText(map.get(TCA_KIND) ?? Buffer.alloc(0))
  const options = map.get(TCA_OPTIONS)
  if (kind !== 'tbf' || options === undefined) return { kind }
  const inner = attributeMap(options)
  const parameters = fixedHeader(inner.get(TCA_TBF_PARMS) ?? Buffer.alloc(0), SIZEOF_TBF_QOPT)
  const rate64 = inner.get(TCA_TBF_RATE64)
  const bytesPerSecond = rate64?.length === 8 ? Number(rate64.readBigUInt64LE()) : parameters.readUInt32LE(RATE_OFFSET)
  const bufferNs = parameters.readUInt32LE(BUFFER_OFFSET) * NS_PER_TICK
  return { kind, bucket: { bytesPerSecond, burstBytes: Math.round(bufferNs * bytesPerSecond / 1e9), limitBytes: parameters.readUInt32LE(LIMIT_OFFSET) } }
}

function request(name: keyof typeof types, detail: string, flags: number, payload: readonly Buffer[]): NetlinkRequest {
  return { name, type: types[name], flags, payload, detail, layout: { headerLength: TCMSG, names } }
}

/** The root of the link, whatever its handle. */
function tcmsg(link: number): Buffer {
  const buffer = Buffer.alloc(TCMSG)
  buffer.writeInt32LE(link, 4)
  buffer.writeUInt32LE(TC_H_ROOT, 12)
  return buffer
}

const types = { RTM_NEWQDISC: 36, RTM_DELQDISC: 37, RTM_GETQDISC: 38 } as const
const TCMSG = 20
const TC_H_ROOT = 0xffff_ffff
const TCA_KIND = 1
const TCA_OPTIONS = 2
const TCA_TBF_PARMS = 1
const TCA_TBF_RATE64 = 4
const TCA_TBF_BURST = 6
const TC_LINKLAYER_ETHERNET = 1
const SIZEOF_TBF_QOPT = 36
const RATE_OFFSET = 8
const LIMIT_OFFSET = 24
const BUFFER_OFFSET = 28
const NS_PER_TICK = 64
const MAX_U32 = 0xffff_ffff
