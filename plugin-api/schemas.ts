/**
 * What dockerd may send, as JSON schemas: of these are made the validators (`validators.generated.ts`) and docs/reference/plugin-api.yaml.
 *
 * Go writes `null` for maps and lists that are empty, and newer daemons write more than older ones, so both are taken. Source: moby
 * daemon/libnetwork/drivers/remote/api, daemon/libnetwork/ipams/remote/api.
 */
export interface JsonSchema { readonly [keyword: string]: unknown }

// Lengths as patterns: the keyword for them would need ajv at run time.
const text: JsonSchema = { type: 'string', pattern: '^[\\s\\S]{0,4096}$' }
const word: JsonSchema = { type: 'string', pattern: '^[\\s\\S]{1,4096}$' }
const id: JsonSchema = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$' }
const flag: JsonSchema = { type: 'boolean' }
const number: JsonSchema = { type: 'integer' }
const texts: JsonSchema = { type: ['object', 'null'], additionalProperties: text }
const port: JsonSchema = { type: 'integer', minimum: 0, maximum: 65_535 }
const list = (items: JsonSchema): JsonSchema => ({ type: ['array', 'null'], items })
const record = (properties: Readonly<Record<string, JsonSchema>>, required: readonly string[] = []): JsonSchema =>
  ({ type: 'object', ...required.length === 0 ? {} : { required }, properties })
const orNull = (schema: JsonSchema): JsonSchema => ({ ...schema, type: ['object', 'null'] })

/** In this order: a schema's parts before it. */
export const definitions: Readonly<Record<string, JsonSchema>> = {
  IPAMData: record({ AddressSpace: text, Pool: text, Gateway: text, AuxAddresses: { type: ['object', 'null'], additionalProperties: text } }),
  EndpointInterface: orNull(record({ Address: text, AddressIPv6: text, MacAddress: text })),
  PortBinding: record({ Proto: { type: 'integer', minimum: 0, maximum: 255 }, IP: text, Port: port, HostIP: text, HostPort: port, HostPortEnd: port }, ['Proto', 'Port']),
}

const ref = (name: string): JsonSchema => ({ $ref: `${name}#` })

const networkOptions: JsonSchema = orNull(record({
  'com.docker.network.generic': { type: ['object', 'null'], additionalProperties: true },
  'com.docker.network.enable_ipv4': flag, 'com.docker.network.enable_ipv6': flag, 'com.docker.network.internal': flag,
}))
const sandboxOptions: JsonSchema = orNull(record({ 'com.docker.network.portmap': list(ref('PortBinding')) }))
const anyOptions: JsonSchema = { type: ['object', 'null'] }
const endpoint = { NetworkID: id, EndpointID: id }
const endpointIds = ['NetworkID', 'EndpointID']
const pools = { IPv4Data: list(ref('IPAMData')), IPv6Data: list(ref('IPAMData')) }

/** Of each call: the schema of its request, and in a sentence what it does. */
export const calls: Readonly<Record<string, { readonly summary: string, readonly schema: JsonSchema }>> = {
  'Plugin.Activate': { summary: 'Says which protocols the plugin speaks', schema: record({}) },
  'NetworkDriver.GetCapabilities': { summary: 'Says that networks are of one host', schema: record({}) },
  'NetworkDriver.GwAllocCheck': { summary: 'Says which families get no gateway from IPAM', schema: record({ Options: networkOptions }) },
  'NetworkDriver.AllocateNetwork': {
    summary: 'Gives the options back, as nothing is allocated for a cluster', schema: record({ NetworkID: id, Options: texts, ...pools }, ['NetworkID']),
  },
  'NetworkDriver.FreeNetwork': { summary: 'Does nothing: a cluster has nothing allocated here', schema: record({ NetworkID: id }, ['NetworkID']) },
  'NetworkDriver.CreateNetwork': {
    summary: 'Makes a network: its bridge, addresses and firewall rules', schema: record({ NetworkID: id, Options: networkOptions, ...pools }, ['NetworkID']),
  },
  'NetworkDriver.DeleteNetwork': { summary: 'Removes a network with all that is left on it', schema: record({ NetworkID: id }, ['NetworkID']) },
  'NetworkDriver.CreateEndpoint': {
    summary: 'Notes an endpoint with its addresses', schema: record({ ...endpoint, Interface: ref('EndpointInterface'), Options: anyOptions }, endpointIds),
  },
  'NetworkDriver.EndpointOperInfo': { summary: 'Tells of an endpoint\'s link and ports', schema: record(endpoint, endpointIds) },
  'NetworkDriver.DeleteEndpoint': { summary: 'Removes an endpoint with its link and rules', schema: record(endpoint, endpointIds) },
  'NetworkDriver.Join': {
    summary: 'Makes the link of an endpoint, for dockerd to move into the container',
    schema: record({ ...endpoint, SandboxKey: word, Options: sandboxOptions }, [...endpointIds, 'SandboxKey']),
  },
  'NetworkDriver.Leave': { summary: 'Ends an endpoint\'s part in a container, its ports included', schema: record(endpoint, endpointIds) },
  'NetworkDriver.DiscoverNew': { summary: 'Takes note of nothing: networks are of one host', schema: record({ DiscoveryType: number }) },
  'NetworkDriver.DiscoverDelete': { summary: 'Takes note of nothing: networks are of one host', schema: record({ DiscoveryType: number }) },
  'NetworkDriver.ProgramExternalConnectivity': {
    summary: 'Publishes the ports of an endpoint', schema: record({ ...endpoint, Options: sandboxOptions }, endpointIds),
  },
  'NetworkDriver.RevokeExternalConnectivity': { summary: 'Publishes the ports of an endpoint no more', schema: record(endpoint, endpointIds) },
  'IpamDriver.GetCapabilities': { summary: 'Asks for all requests again after a start of dockerd', schema: record({}) },
  'IpamDriver.GetDefaultAddressSpaces': { summary: 'Names the address spaces', schema: record({}) },
  'IpamDriver.RequestPool': {
    summary: 'Chooses or takes a subnet',
    schema: record({ AddressSpace: { type: 'string', pattern: '^[^/]{1,255}$' }, Pool: text, SubPool: text, Options: texts, V6: flag }, ['AddressSpace']),
  },
  'IpamDriver.ReleasePool': { summary: 'Gives a subnet back', schema: record({ PoolID: word }, ['PoolID']) },
  'IpamDriver.RequestAddress': {
    summary: 'Chooses or takes an address of a subnet', schema: record({ PoolID: word, Address: text, Options: texts }, ['PoolID']),
  },
  'IpamDriver.ReleaseAddress': {
    summary: 'Gives an address back', schema: record({ PoolID: word, Address: word }, ['PoolID', 'Address']),
  },
}
