/** What the plugin answers to each call, as JSON schemas for docs/reference/plugin-api.yaml; a test holds real answers against them. */
import type { Call } from './requests.ts'
import type { JsonSchema } from './schemas.ts'

const text: JsonSchema = { type: 'string' }
const flag: JsonSchema = { type: 'boolean' }
const texts: JsonSchema = { type: 'object', additionalProperties: text }
const record = (properties: Readonly<Record<string, JsonSchema>>, required: readonly string[] = Object.keys(properties)): JsonSchema =>
  ({ type: 'object', required, properties, additionalProperties: false })
const nothing = record({})

export const answers: Readonly<Record<Call, JsonSchema>> = {
  'Plugin.Activate': record({ Implements: { type: 'array', items: text } }),
  'NetworkDriver.GetCapabilities': record({ Scope: text, ConnectivityScope: text, GwAllocChecker: flag }),
  'NetworkDriver.GwAllocCheck': record({ SkipIPv4: flag, SkipIPv6: flag }),
  'NetworkDriver.AllocateNetwork': record({ Options: texts }),
  'NetworkDriver.FreeNetwork': nothing,
  'NetworkDriver.CreateNetwork': nothing,
  'NetworkDriver.DeleteNetwork': nothing,
  'NetworkDriver.CreateEndpoint': record({ Interface: record({ Address: text, AddressIPv6: text, MacAddress: text }, []) }),
  'NetworkDriver.EndpointOperInfo': record({ Value: { type: 'object' } }),
  'NetworkDriver.DeleteEndpoint': nothing,
  'NetworkDriver.Join': record({
    InterfaceName: record({ SrcName: text, DstPrefix: text }), Gateway: text, GatewayIPv6: text,
    StaticRoutes: { type: 'array', items: { type: 'object' } }, DisableGatewayService: flag,
  }, ['DisableGatewayService']),
  'NetworkDriver.Leave': nothing,
  'NetworkDriver.DiscoverNew': nothing,
  'NetworkDriver.DiscoverDelete': nothing,
  'NetworkDriver.ProgramExternalConnectivity': nothing,
  'NetworkDriver.RevokeExternalConnectivity': nothing,
  'IpamDriver.GetCapabilities': record({ RequiresMACAddress: flag, RequiresRequestReplay: flag }),
  'IpamDriver.GetDefaultAddressSpaces': record({ LocalDefaultAddressSpace: text, GlobalDefaultAddressSpace: text }),
  'IpamDriver.RequestPool': record({ PoolID: text, Pool: text, Data: texts }),
  'IpamDriver.ReleasePool': nothing,
  'IpamDriver.RequestAddress': record({ Address: text, Data: texts }),
  'IpamDriver.ReleaseAddress': nothing,
}
