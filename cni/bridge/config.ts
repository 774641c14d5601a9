/**
 * The configuration of the plugin bridge, with the reference plugin's names, defaults and refusals. Pure.
 * Source: containernetworking/plugins, plugins/main/bridge/bridge.go.
 */
import { canonicalMac } from '../../address/mac.ts'
import { askedBackend } from '../backend.ts'
import { cniCodes, cniError } from '../error.ts'
import { booleanOf, integerOf, objectOf, objectsOf, stringOf } from '../fields.ts'
import { argumentsOf, type Request } from '../request.ts'
import { type CniDns, parseDns } from '../result.ts'

export interface BridgeConfig {
  readonly bridge: string
  readonly isGateway: boolean
  readonly isDefaultGateway: boolean
  readonly forceAddress: boolean
  readonly ipMasq: boolean
  /** Absent: the kernel's. */
  readonly mtu?: number
  readonly hairpinMode: boolean
  readonly promiscMode: boolean
  /** The VLAN of the container, whose frames have no tag, and of its gateway; 0: none. */
  readonly vlan: number
  /** Inclusive ranges of VLANs in which the container's frames have tags. */
  readonly vlanTrunk: readonly (readonly [first: number, last: number])[]
  readonly preserveDefaultVlan: boolean
  readonly macspoofchk: boolean
  readonly enabledad: boolean
  readonly disableContainerInterface: boolean
  readonly portIsolation: boolean
  readonly mac?: string
  readonly dns: CniDns
}

const bad = (msg: string): Error => cniError(cniCodes.other, msg)
/** What the kernel takes as the name of a link, and iptables as a literal. */
const linkName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/

/** @throws codes 4, 6 and 999 */
export function parseBridge(request: Request): BridgeConfig {
  const { config } = request
  const is = (key: string): boolean => booleanOf(config, key) ?? false
  const bridge = stringOf(config, 'bridge') ?? ''
  const mtu = integerOf(config, 'mtu') ?? 0
  const mac = macOf(request)
  const parsed: BridgeConfig = {
    bridge: bridge === '' ? 'cni0' : bridge,
    isGateway: is('isGateway') || is('isDefaultGateway'), isDefaultGateway: is('isDefaultGateway'), forceAddress: is('forceAddress'),
    ipMasq: is('ipMasq'), hairpinMode: is('hairpinMode'), promiscMode: is('promiscMode'),
    ...mtu === 0 ? {} : { mtu }, ...mac === undefined ? {} : { mac },
    vlan: integerOf(config, 'vlan') ?? 0, vlanTrunk: vlanTrunkOf(request), preserveDefaultVlan: booleanOf(config, 'preserveDefaultVlan') ?? true,
    macspoofchk: is('macspoofchk'), enabledad: is('enabledad'), disableContainerInterface: is('disableContainerInterface'),
    portIsolation: is('portIsolation'), dns: parseDns(objectOf(config, 'dns') ?? {}),
  }
  askedBackend(config, 'ipMasqBackend')
  refuseConflicts(parsed, request)
  return parsed
}

/** Whether the bridge has to tell VLANs apart. */
export function usesVlans({ vlan, vlanTrunk }: BridgeConfig): boolean {
  return vlan !== 0 || vlanTrunk.length > 0
}

/** The link of the host that has the gateway's addresses: the bridge or, for a container in a VLAN of its own, a port of the bridge there. */
export function gatewayLink({ bridge, vlan, isGateway }: Pick<BridgeConfig, 'bridge' | 'vlan' | 'isGateway'>): string {
  return vlan === 0 || !isGateway ? bridge : `${bridge}.${vlan}`
}

function refuseConflicts(parsed: BridgeConfig, { config }: Request): void {
  const { bridge, mtu, vlan, hairpinMode, promiscMode, disableContainerInterface } = parsed
  if (!linkName.test(bridge)) throw bad(`invalid bridge name "${bridge.slice(0, 80)}": a link's name has 1 to 15 letters, digits, dots, dashes or underscores`)
  if (mtu !== undefined && (mtu < 68 || mtu > 65_535)) throw bad(`invalid MTU ${mtu} (must be between 68 and 65535)`)
  if (vlan < 0 || vlan > 4094) throw bad(`invalid VLAN ID ${vlan} (must be between 0 and 4094)`)
  const gateway = gatewayLink(parsed)
  if (!linkName.test(gateway)) throw bad(`invalid bridge name "${bridge}" with VLAN ID ${vlan}: the name of its gateway, ${gateway}, has more than 15 letters`)
  if (hairpinMode && promiscMode) throw bad('cannot set hairpin mode and promiscuous mode at the same time.')
  const ipamType = stringOf(objectOf(config, 'ipam') ?? {}, 'type') ?? ''
  if (disableContainerInterface && ipamType !== '') throw bad('cannot use IPAM when DisableContainerInterface flag is set')
}

/** The runtime's goes before the user's, and that before CNI_ARGS. */
function macOf(request: Request): string | undefined {
  const { MAC } = argumentsOf(request, ['MAC'])
  const args = objectOf(objectOf(request.config, 'args') ?? {}, 'cni') ?? {}
  const chosen = [stringOf(objectOf(request.config, 'runtimeConfig') ?? {}, 'mac'), stringOf(args, 'mac'), MAC]
    .find(mac => mac !== undefined && mac !== '')
  return chosen === undefined ? undefined : canonicalMac(chosen)
}

/** An item has an id, a range, or both. */
function vlanTrunkOf({ config }: Request): readonly (readonly [number, number])[] {
  return objectsOf(config, 'vlanTrunk').flatMap(item => {
    const [id, first, last] = (['id', 'minID', 'maxID'] as const).map(key => integerOf(item, key))
    if ((first === undefined) !== (last === undefined)) {
      throw bad(`minID and maxID should be configured simultaneously, ${first === undefined ? 'minID' : 'maxID'} is missing`)
    }
    for (const [key, number] of [['minID', first], ['maxID', last], ['id', id]] as const) {
      if (number !== undefined && (number < 1 || number > 4094)) throw bad(`incorrect trunk ${key} parameter: ${number} (must be between 1 and 4094)`)
    }
    if (first !== undefined && last !== undefined && first > last) throw bad(`minID is greater than maxID in trunk parameter: ${first}-${last}`)
    return [...first === undefined || last === undefined ? [] : [[first, last] as const], ...id === undefined ? [] : [[id, id] as const]]
  })
}
