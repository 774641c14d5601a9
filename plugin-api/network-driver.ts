/**
 * Docker's remote NetworkDriver protocol on the core. Every handler has written down what it did before it answers, so that a second delivery
 * is answered the same, and a restart of either side loses nothing. None asks Docker anything: dockerd holds its locks meanwhile.
 */
import { parseInterfaceAddress } from '../address/cidr.ts'
import { formatIp } from '../address/ip.ts'
import type { ForeignPlace, ForeignRuntime } from '../cnm/foreign-api.ts'
import type { EndpointId, EndpointRecord, NetworkId, NetworkRecord } from '../cnm/types.ts'
import type { Family } from '../objects/firewall.ts'
import type { CountTurns } from './count-turns.ts'
import { addressOf, networkSpec, withoutGateway } from './network-spec.ts'
import { portRequests } from './port-requests.ts'
import type { CreateEndpointRequest, Handlers } from './requests.ts'

export interface NetworkDriverParts {
  readonly runtime: ForeignRuntime
  /** Told, in a sentence, what was done all the same. */
  readonly warn: (line: string) => void
  /** For answers after which dockerd counts endpoints. */
  readonly turns: CountTurns
  /** Called when something has changed that the rest of the plugin may want to look at, after the answer. */
  readonly changed: () => void
}

type NetworkHandlers = { readonly [C in keyof Handlers as C extends `NetworkDriver.${string}` ? C : never]: Handlers[C] }

export function networkDriver({ runtime, turns, warn, changed }: NetworkDriverParts): NetworkHandlers {
  const endpoint = (id: string): EndpointId => id as EndpointId
  const warnOnce = onceEach(warn)
  return {
    'NetworkDriver.GetCapabilities': () => ({ Scope: 'local', ConnectivityScope: 'local', GwAllocChecker: true }),
    'NetworkDriver.GwAllocCheck': ({ Options }) => withoutGateway(Options),
    'NetworkDriver.AllocateNetwork': ({ Options }) => ({ Options: Options ?? {} }),
    'NetworkDriver.FreeNetwork': () => ({}),
    'NetworkDriver.DiscoverNew': () => ({}),
    'NetworkDriver.DiscoverDelete': () => ({}),

    async 'NetworkDriver.CreateNetwork'(request) {
      await runtime.createNetwork(networkSpec(request))
      changed()
      return {}
    },
    async 'NetworkDriver.DeleteNetwork'({ NetworkID }) {
      await runtime.deleteNetwork(NetworkID as NetworkId)
      return {}
    },
    async 'NetworkDriver.CreateEndpoint'(request) {
      turns.creates(request.NetworkID)
      const { endpoint: made } = await runtime.createEndpoint({
        id: endpoint(request.EndpointID), networkId: request.NetworkID as NetworkId, ...interfaceOf(request),
      })
      await turns.begin('up', request.NetworkID, request.EndpointID)
      return { Interface: chosenByTsnet(request, made) }
    },
    'NetworkDriver.EndpointOperInfo': ({ EndpointID }) => {
      const found = runtime.findEndpoint(endpoint(EndpointID))
      return { Value: found === undefined ? {} : operationalInfo(found.endpoint) }
    },
    async 'NetworkDriver.DeleteEndpoint'({ NetworkID, EndpointID }) {
      turns.goesOn(NetworkID, EndpointID)
      const found = runtime.findEndpoint(endpoint(EndpointID))?.endpoint
      const container = found?.foreign?.container?.id
      await runtime.deleteEndpoint(endpoint(EndpointID))
      await turns.begin('down', NetworkID, EndpointID, { addresses: addressesOf(found), ...container === undefined ? {} : { container } })
      return {}
    },
    async 'NetworkDriver.Join'({ NetworkID, EndpointID, SandboxKey, Options }) {
      turns.goesOn(NetworkID, EndpointID)
      const place = await runtime.join(endpoint(EndpointID), SandboxKey, { hasPorts: (Options?.['com.docker.network.portmap']?.length ?? 0) > 0 })
      changed()
      return joinAnswer(place)
    },
    async 'NetworkDriver.Leave'({ EndpointID }) {
      await runtime.leave(endpoint(EndpointID))
      return {}
    },
    async 'NetworkDriver.ProgramExternalConnectivity'({ EndpointID, Options }) {
      const warnings = await runtime.publish(endpoint(EndpointID), portRequests(Options?.['com.docker.network.portmap'] ?? []))
      warnings.forEach(warnOnce)
      return {}
    },
    async 'NetworkDriver.RevokeExternalConnectivity'({ EndpointID }) {
      await runtime.unpublish(endpoint(EndpointID))
      return {}
    },
  }
}

/** What is so for all containers is told with the first. */
function onceEach(warn: (line: string) => void): (warning: string) => void {
  const told = new Set<string>()
  return warning => {
    if (told.has(warning)) return
    told.add(warning)
    warn(`warning: ${warning}`)
  }
}

function interfaceOf({ Interface }: CreateEndpointRequest): { readonly ip?: string, readonly ip6?: string, readonly mac?: string } {
  const { Address = '', AddressIPv6 = '', MacAddress = '' } = Interface ?? {}
  return {
    ...Address === '' ? {} : { ip: addressOf(Address) }, ...AddressIPv6 === '' ? {} : { ip6: addressOf(AddressIPv6) },
    ...MacAddress === '' ? {} : { mac: MacAddress },
  }
}

/** dockerd takes it for an error when a field comes back that it has given itself. */
function chosenByTsnet({ Interface }: CreateEndpointRequest, { mac, addresses }: EndpointRecord): object {
  const { Address = '', AddressIPv6 = '', MacAddress = '' } = Interface ?? {}
  const chosen = (family: Family): string | undefined => addresses.find(address => address.family === family)?.cidr
  return {
    ...MacAddress === '' && mac !== '' ? { MacAddress: mac } : {},
    ...Address === '' && chosen(4) !== undefined ? { Address: chosen(4) } : {},
    ...AddressIPv6 === '' && chosen(6) !== undefined ? { AddressIPv6: chosen(6) } : {},
  }
}

/**
 * A network that leads out has its gateway here, so that dockerd adds none of its own (docker_gwbridge), and publishes nothing itself. One
 * that does not says that none is wanted.
 */
function joinAnswer({ endpoint, network }: ForeignPlace): object {
  if (network.driver === 'none') return { DisableGatewayService: true }
  const gateways = { 4: gatewayOf(network, endpoint, 4), 6: gatewayOf(network, endpoint, 6) }
  return {
    InterfaceName: { SrcName: endpoint.interfaceName, DstPrefix: network.parsed?.interfacePrefix ?? 'eth' },
    ...gateways[4] === undefined ? {} : { Gateway: gateways[4] }, ...gateways[6] === undefined ? {} : { GatewayIPv6: gateways[6] },
    StaticRoutes: [], DisableGatewayService: gateways[4] === undefined && gateways[6] === undefined,
  }
}

function gatewayOf({ internal, subnets }: NetworkRecord, { addresses }: EndpointRecord, family: Family): string | undefined {
  if (internal || !addresses.some(address => address.family === family)) return undefined
  return subnets.find(subnet => subnet.family === family)?.gateway
}

function addressesOf(endpoint: EndpointRecord | undefined): readonly string[] {
  return (endpoint?.addresses ?? []).map(({ cidr }) => formatIp(parseInterfaceAddress(cidr).ip))
}

/** Free-form; not under Docker's own keys, whose values dockerd expects in types that JSON does not have. */
function operationalInfo(endpoint: EndpointRecord): object {
  const { hostInterface, mac, ports } = endpoint
  return {
    'tsnet.link': hostInterface, 'tsnet.mac': mac, 'tsnet.addresses': addressesOf(endpoint),
    'tsnet.ports': ports.map(({ protocol, hostIp, host, container }) => ({ protocol, hostIp: hostIp ?? '', host, container })),
  }
}
