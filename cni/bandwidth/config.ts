/**
 * The configuration of the plugin bandwidth: bits per second and bits, as the container sees it. Pure.
 * Source: containernetworking/plugins, plugins/meta/bandwidth/main.go.
 */
import type { KernelObject } from '../../objects/object.ts'
import { cniCodes, cniError } from '../error.ts'
import { type JsonObject, integerOf, objectOf, valueOf } from '../fields.ts'
import type { Request } from '../request.ts'

export interface Limit { readonly bitsPerSecond: number, readonly burstBytes: number }

/** `ingress`: what the container receives. */
export interface BandwidthConfig { readonly ingress?: Limit, readonly egress?: Limit }

const keys = ['ingressRate', 'ingressBurst', 'egressRate', 'egressBurst'] as const

/** The configuration's own limits go before the runtime's. @throws codes 6 and 999 */
export function parseBandwidth({ config }: Request): BandwidthConfig {
  const source = keys.some(key => (valueOf(config, key) ?? 0) !== 0) ? config : objectOf(objectOf(config, 'runtimeConfig') ?? {}, 'bandwidth') ?? {}
  const [ingress, egress] = [limitOf(source, 'ingressRate', 'ingressBurst'), limitOf(source, 'egressRate', 'egressBurst')]
  return { ...ingress === undefined ? {} : { ingress }, ...egress === undefined ? {} : { egress } }
}

function limitOf(source: JsonObject, rateKey: string, burstKey: string): Limit | undefined {
  const [rate, burst] = [integerOf(source, rateKey) ?? 0, integerOf(source, burstKey) ?? 0]
  const bad = (msg: string): Error => cniError(cniCodes.other, msg)
  if (rate < 0 || burst < 0) throw bad('rate and burst must be a positive integer')
  if (burst === 0 && rate !== 0) throw bad(`if rate is set, burst must also be set: ${rateKey} is ${rate}`)
  if (rate === 0 && burst !== 0) throw bad(`if burst is set, rate must also be set: ${burstKey} is ${burst}`)
  if (burst / 8 >= 2 ** 32) throw bad('burst cannot be more than 4GB')
  return rate === 0 ? undefined : { bitsPerSecond: rate, burstBytes: Math.max(Math.floor(burst / 8), 1) }
}

/** What the container receives leaves the host's end of its link, what it sends leaves its own. */
export function bandwidthObjects({ ingress, egress }: BandwidthConfig, hostLink: string, inside: { readonly ifname: string, readonly netns: string }): readonly KernelObject[] {
  return [
    ...ingress === undefined ? [] : [{ kind: 'bandwidth', on: hostLink, ...ingress } as const],
    ...egress === undefined ? [] : [{ kind: 'bandwidth', on: inside.ifname, netns: inside.netns, ...egress } as const],
  ]
}
