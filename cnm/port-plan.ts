/**
 * Ports of a sandbox, reserved before the transaction: the kernel's bind is the lock, and binding is no work for a transaction.
 * All of them or none. They belong to the sandbox; the endpoints that are its gateways publish them.
 */
import { familyOf } from '../address/ip.ts'
import { TsnetError } from '../errors/error.ts'
import type { Context } from './context.ts'
import type { EndpointSpec } from './controller-api.ts'
import { chooseGateways, isProxied, isTranslated } from './gateways.ts'
import type { NetworkRecord, PortBinding, PortRequest, SandboxPort } from './types.ts'

/** An endpoint as asked for, its network found. */
export interface WantedEndpoint { readonly spec: EndpointSpec, readonly network: NetworkRecord }

export interface PortPlan {
  readonly ports: readonly SandboxPort[]
  /** Descriptors that hold the ports; the caller's to release when anything fails. */
  readonly descriptors: readonly number[]
}

/** @throws port-in-use, port-range-exhausted, invalid-address */
export function reservePorts(context: Context, wanted: readonly WantedEndpoint[]): PortPlan {
  const ways = chooseGateways(wanted.map(({ spec, network }) => ({ ...spec, network })))
  const gatewayOf = (family: 4 | 6): NetworkRecord | undefined => wanted[ways.findIndex(way => way.includes(family))]?.network
  const gateways = ([4, 6] as const).map(family => ({ family, network: gatewayOf(family) }))
  return reserveThrough(context, gateways, wanted.flatMap(({ spec }) => spec.ports ?? []))
}

/** The network that a family's default route goes through; absent: the family has none. */
export interface Gateway { readonly family: 4 | 6, readonly network: NetworkRecord | undefined }

/** As `reservePorts`, for gateways that are known. */
export function reserveThrough(context: Context, gateways: readonly Gateway[], wanted: readonly PortRequest[]): PortPlan {
  const requests = wanted.map(request => withDefaultBinding(gateways.find(({ family }) => family === 4)?.network, request))
  for (const { hostIp } of requests) refuseForeignFamily(hostIp, gateways.filter(({ network }) => network !== undefined))
  const held = gateways.filter(({ family, network }) => network !== undefined && isTranslated(network, family))
    .map(({ family }) => family)
  // Nothing is redirected on internal and routed networks: the container's own port is the only one there is.
  if (held.length === 0 || requests.length === 0) return { ports: requests.map(asRouted), descriptors: [] }
  const proxied = gateways.some(({ family, network }) => family === 6 && network === undefined) && gateways.some(({ network }) => isProxied(network))
  const { bindings, descriptors } = context.ports.reserve(requests, proxied ? [...held, 6] : held)
  const heldBy = ({ protocol, hostIp }: PortBinding): readonly (4 | 6)[] => heldFor(hostIp, proxied && protocol === 'tcp' ? [...held, 6] : held)
  return { ports: bindings.map(binding => ({ ...binding, held: heldBy(binding) })), descriptors }
}

/** `com.docker.network.bridge.host_binding_ipv4` stands in for a host address that was not given. */
function withDefaultBinding(network: NetworkRecord | undefined, request: PortRequest): PortRequest {
  const hostIp = request.hostIp ?? network?.parsed?.hostBindingV4
  return hostIp === undefined ? request : { ...request, hostIp }
}

function refuseForeignFamily(hostIp: string | undefined, gateways: readonly { readonly family: 4 | 6 }[]): void {
  const wanted = hostIp === undefined ? undefined : familyOf(hostIp)
  if (wanted === undefined || gateways.length === 0 || gateways.some(({ family }) => family === wanted)) return
  throw new TsnetError('invalid-address', `publish port on ${hostIp}: the container has no IPv${wanted} address that leads out`,
    { data: { hostIp } })
}

function heldFor(hostIp: string | undefined, held: readonly (4 | 6)[]): readonly (4 | 6)[] {
  return hostIp === undefined ? held : held.filter(family => family === familyOf(hostIp))
}

function asRouted({ protocol, container, hostIp }: PortRequest): SandboxPort {
  return { protocol, host: container, container, held: [], ...hostIp === undefined ? {} : { hostIp } }
}
