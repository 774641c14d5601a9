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
  /** 0: none. */
  readonly vlan: number
  /** Inclusive ranges of tagged VLANs. */
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
    vlan: integerOf(config, 'vlan') ?? 0, vlanTrunk: vlanTrunkOf(request), preserveDefaultVlan: is('preserveDefaultVlan'),
    macspoofchk: is('macspoofchk'), enabledad: is('enabledad'), disableContainerInterface: is('disableContainerInterface'),
    portIsolation: is('portIsolation'), dns: parseDns(objectOf(config, 'dns') ?? {}),
  }
  askedBackend(config, 'ipMasqBackend')
  refuseConflicts(parsed, request)
  return parsed
}

function refuseConflicts({ bridge, mtu, vlan, hairpinMode, promiscMode, disableContainerInterface }: BridgeConfig, { config }: Request): void {
  if (!linkName.test(bridge)) throw bad(`invalid bridge name "${bridge.slice(0, 80)}": a link's name has 1 to 15 letters, digits, dots, dashes or underscores`)
  if (mtu !== undefined && (mtu < 68 || mtu > 65_535)) throw bad(`invalid MTU ${mtu} (must be between 68 and 65535)`)
  if (vlan < 0 || vlan > 4094) throw bad(`invalid VLAN ID ${vlan} (must be between 0 and 4094)`)
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

function vlanTrunkOf({ config }: Request): readonly (readonly [number, number])[] {
  return objectsOf(config, 'vlanTrunk').map(item => {
    const [id, first, last] = (['id', 'minID', 'maxID'] as const).map(key => integerOf(item, key))
    const range = id === undefined ? [first, last] as const : [id, id] as const
    const [low, high] = range
    if (low === undefined || high === undefined) throw bad('incorrect vlanTrunk parameter: minID and maxID belong together')
    for (const number of range) {
      if (number === undefined || number < 0 || number > 4094) throw bad(`incorrect trunk ID range ${low}-${high}: VLAN IDs go from 0 to 4094`)
    }
    if (low > high) throw bad(`minID is greater than maxID in trunk parameter: ${low}-${high}`)
    return [low, high]
  })
}
