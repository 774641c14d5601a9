/** What dockerd sends, as types: the schemas of `schemas.ts` in TypeScript. All fields that are not required may be absent or null. */
export interface IpamData {
  readonly AddressSpace?: string
  readonly Pool?: string
  readonly Gateway?: string
  readonly AuxAddresses?: Readonly<Record<string, string>> | null
}

/** Numbers of IANA for the protocols; HostPort 0: any; HostPort to HostPortEnd: the first that is free. */
export interface PortBinding {
  readonly Proto: number
  readonly Port: number
  readonly HostIP?: string
  readonly HostPort?: number
  readonly HostPortEnd?: number
}

export interface NetworkOptions {
  readonly 'com.docker.network.generic'?: Readonly<Record<string, unknown>> | null
  readonly 'com.docker.network.enable_ipv4'?: boolean
  readonly 'com.docker.network.enable_ipv6'?: boolean
  readonly 'com.docker.network.internal'?: boolean
}

export interface CreateNetworkRequest {
  readonly NetworkID: string
  readonly Options?: NetworkOptions | null
  readonly IPv4Data?: readonly IpamData[] | null
  readonly IPv6Data?: readonly IpamData[] | null
}

export interface EndpointRequest { readonly NetworkID: string, readonly EndpointID: string }

export interface CreateEndpointRequest extends EndpointRequest {
  readonly Interface?: { readonly Address?: string, readonly AddressIPv6?: string, readonly MacAddress?: string } | null
}

interface SandboxOptions { readonly 'com.docker.network.portmap'?: readonly PortBinding[] | null }

export interface JoinRequest extends EndpointRequest { readonly SandboxKey: string, readonly Options?: SandboxOptions | null }

export interface ProgramRequest extends EndpointRequest { readonly Options?: SandboxOptions | null }

export interface RequestPoolRequest {
  readonly AddressSpace: string
  readonly Pool?: string
  readonly SubPool?: string
  readonly Options?: Readonly<Record<string, string>> | null
  readonly V6?: boolean
}

export interface RequestAddressRequest {
  readonly PoolID: string
  readonly Address?: string
  readonly Options?: Readonly<Record<string, string>> | null
}

/** Each call with its request. */
export interface Requests {
  'Plugin.Activate': object
  'NetworkDriver.GetCapabilities': object
  'NetworkDriver.GwAllocCheck': { readonly Options?: NetworkOptions | null }
  'NetworkDriver.AllocateNetwork': { readonly NetworkID: string, readonly Options?: Readonly<Record<string, string>> | null }
  'NetworkDriver.FreeNetwork': { readonly NetworkID: string }
  'NetworkDriver.CreateNetwork': CreateNetworkRequest
  'NetworkDriver.DeleteNetwork': { readonly NetworkID: string }
  'NetworkDriver.CreateEndpoint': CreateEndpointRequest
  'NetworkDriver.EndpointOperInfo': EndpointRequest
  'NetworkDriver.DeleteEndpoint': EndpointRequest
  'NetworkDriver.Join': JoinRequest
  'NetworkDriver.Leave': EndpointRequest
  'NetworkDriver.DiscoverNew': object
  'NetworkDriver.DiscoverDelete': object
  'NetworkDriver.ProgramExternalConnectivity': ProgramRequest
  'NetworkDriver.RevokeExternalConnectivity': EndpointRequest
  'IpamDriver.GetCapabilities': object
  'IpamDriver.GetDefaultAddressSpaces': object
  'IpamDriver.RequestPool': RequestPoolRequest
  'IpamDriver.ReleasePool': { readonly PoolID: string }
  'IpamDriver.RequestAddress': RequestAddressRequest
  'IpamDriver.ReleaseAddress': { readonly PoolID: string, readonly Address: string }
}

export type Call = keyof Requests

/** What is answered to each call; a field that is absent was given by dockerd, or is empty. */
export type Handlers = { readonly [C in Call]: (request: Requests[C]) => object | Promise<object> }
