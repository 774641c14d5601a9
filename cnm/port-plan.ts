/**
 * Ports of a sandbox's endpoints, reserved before the transaction: the kernel's bind is the lock, and binding is no work for a
 * transaction. All of them or none.
 */
import type { Context } from './context.ts'
import type { EndpointSpec } from './controller-api.ts'
import { natFamilies, type PreparedEndpoint } from './endpoint-plan.ts'
import type { NetworkRecord, PortBinding, PortRequest } from './types.ts'

/** An endpoint as asked for, its network found. */
export interface WantedEndpoint { readonly spec: EndpointSpec, readonly network: NetworkRecord }

export interface PortPlan {
  readonly prepared: readonly PreparedEndpoint[]
  /** Descriptors that hold the ports; the caller's to release when anything fails. */
  readonly descriptors: readonly number[]
}

/** @throws port-in-use, port-range-exhausted, invalid-address */
export function reservePorts(context: Context, wanted: readonly WantedEndpoint[]): PortPlan {
  const descriptors: number[] = []
  try {
    const prepared = wanted.map(({ spec, network }): PreparedEndpoint => {
      const requests = (spec.ports ?? []).map(request => withDefaultBinding(network, request))
      const families = natFamilies(network)
      // Nothing is redirected on internal and routed networks: the container's own port is the only one there is.
      if (families.length === 0 || requests.length === 0) return { spec, network, bindings: requests.map(asRouted) }
      const reservation = context.ports.reserve(requests, families)
      descriptors.push(...reservation.descriptors)
      return { spec, network, bindings: reservation.bindings }
    })
    return { prepared, descriptors }
  } catch (error) {
    context.ports.release(descriptors)
    throw error
  }
}

/** `com.docker.network.bridge.host_binding_ipv4` stands in for a host address that was not given. */
function withDefaultBinding(network: NetworkRecord, request: PortRequest): PortRequest {
  const hostIp = request.hostIp ?? network.parsed?.hostBindingV4
  return hostIp === undefined ? request : { ...request, hostIp }
}

function asRouted({ protocol, container, hostIp }: PortRequest): PortBinding {
  return { protocol, host: container, container, ...hostIp === undefined ? {} : { hostIp } }
}
