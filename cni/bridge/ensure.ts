/**
 * What the interfaces of a network stand on: the bridge, the gateway of a VLAN, gateway addresses and forwarding. Made where they are missing, never
 * removed, as the reference plugin does it; but what was made for an ADD that fails goes again.
 */
import { cidrOf, overlaps, parseInterfaceAddress } from '../../address/cidr.ts'
import { formatIp } from '../../address/ip.ts'
import { randomHex } from '../../kernel/random.ts'
import type { Link } from '../../kernel/netlink/link.ts'
import type { KernelObject } from '../../objects/object.ts'
import { sharedAlias } from '../attachment.ts'
import type { CniCore } from '../core.ts'
import { cniCodes, cniError } from '../error.ts'
import { familyOfAddress } from '../result.ts'
import { type BridgeConfig, gatewayLink, usesVlans } from './config.ts'
import { type BridgePlan, gatewayAddresses } from './objects.ts'
import { ensureVlanFiltering, ensureVlanGateway } from './vlan.ts'

/** Makes what is missing, and tells how to take it back. */
export async function ensureBridge(core: CniCore, plan: BridgePlan): Promise<() => Promise<void>> {
  const { config } = plan
  await using undo = new AsyncDisposableStack()
  const made = findBridge(core, config.bridge) === undefined && await makeBridge(core, config)
  if (made) undo.defer(() => removeUnused(core, config.bridge))
  else if (usesVlans(config)) undo.defer(await ensureVlanFiltering(core, plan))
  if (config.promiscMode) core.kernel.rtnetlink().setLink(config.bridge, { promisc: true })
  if (gatewayLink(config) !== config.bridge && plan.ips.length > 0) undo.defer(await ensureVlanGateway(core, plan))
  await ensureGateway(core, plan)
  const kept = undo.move()
  return () => kept.disposeAsync()
}

/** @throws where a link of that name is no bridge */
export function findBridge(core: CniCore, name: string): Link | undefined {
  const link = core.kernel.rtnetlink().findLink(name)
  if (link === undefined || link.kind === 'bridge') return link
  throw cniError(cniCodes.other, `failed to create bridge "${name}": "${name}" already exists but is not a bridge`)
}

async function makeBridge(core: CniCore, config: BridgeConfig): Promise<boolean> {
  const { bridge, mtu } = config
  using _lock = await core.lockShared()
  if (findBridge(core, bridge) !== undefined) return false
  await core.executor.create([
    // Of its own: it would take the lowest of its ports', and change it with every port that goes.
    {
      kind: 'bridge', name: bridge, alias: sharedAlias, mac: `02:42:${randomHex(4).replace(/..(?=.)/g, '$&:')}`,
      ...mtu === undefined ? {} : { mtu }, ...usesVlans(config) ? { vlanFiltering: true } : {},
    },
    { kind: 'sysctl', key: `net/ipv6/conf/${bridge}/accept_ra`, value: '0', optional: true },
    { kind: 'link-up', name: bridge },
  ])
  return true
}

async function removeUnused(core: CniCore, name: string): Promise<void> {
  using _lock = await core.lockShared()
  const link = findBridge(core, name)
  if (link === undefined || core.kernel.rtnetlink().links().some(({ master }) => master === link.index)) return
  await core.executor.remove([{ kind: 'bridge', name, alias: sharedAlias }])
}

async function ensureGateway(core: CniCore, plan: BridgePlan): Promise<void> {
  const wanted = gatewayAddresses(plan)
  if (wanted.length === 0) return
  const on = gatewayLink(plan.config)
  const present = addressesOf(core, on)
  const conflicts = wanted.flatMap(address => present.filter(other => conflict(address, other)))
  const [first] = conflicts
  if (first !== undefined && !plan.config.forceAddress) {
    const mine = wanted.find(address => conflict(address, first))
    throw cniError(cniCodes.other, `failed to set bridge addr: "${on}" already has an IP address different from ${mine}`)
  }
  await core.executor.remove(conflicts.map(cidr => ({ kind: 'address', on, cidr })))
  const families = new Set(wanted.map(familyOfAddress))
  const objects: KernelObject[] = wanted.filter(address => !present.includes(address)).map(cidr => ({ kind: 'address', on, cidr }))
  if (families.has(6)) objects.unshift({ kind: 'sysctl', key: `net/ipv6/conf/${on}/disable_ipv6`, value: '0', optional: true })
  for (const family of families) {
    objects.push({ kind: 'sysctl', key: family === 4 ? 'net/ipv4/ip_forward' : 'net/ipv6/conf/all/forwarding', value: '1', keep: true })
  }
  await core.executor.create(objects)
}

/** Without link-local ones, which the kernel adds by itself. */
function addressesOf(core: CniCore, name: string): readonly string[] {
  const rtnetlink = core.kernel.rtnetlink()
  const link = rtnetlink.findIndex(name)
  if (link === undefined) return []
  return ([4, 6] as const).flatMap(family => rtnetlink.addresses(family, link)).map(({ cidr }) => cidr).filter(cidr => !/^fe80:/i.test(cidr))
}

/** A bridge has one IPv4 address; of IPv6 ones only two of one subnet are in each other's way. */
function conflict(wanted: string, present: string): boolean {
  if (familyOfAddress(wanted) !== familyOfAddress(present) || sameAddress(wanted, present)) return false
  return familyOfAddress(wanted) === 4 || overlaps(cidrOf(parseInterfaceAddress(wanted)), cidrOf(parseInterfaceAddress(present)))
}

function sameAddress(a: string, b: string): boolean {
  const [x, y] = [parseInterfaceAddress(a), parseInterfaceAddress(b)]
  return formatIp(x.ip) === formatIp(y.ip) && x.prefix === y.prefix
}
