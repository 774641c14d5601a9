/**
 * The bridge of a network, its gateway addresses and forwarding: made where they are missing, never removed, as the reference plugin does it;
 * but a bridge that was made for an ADD that fails goes again.
 */
import { cidrOf, overlaps, parseInterfaceAddress } from '../../address/cidr.ts'
import { formatIp } from '../../address/ip.ts'
import { randomHex } from '../../kernel/random.ts'
import type { Link } from '../../kernel/netlink/link.ts'
import type { KernelObject } from '../../objects/object.ts'
import type { CniCore } from '../core.ts'
import { cniCodes, cniError } from '../error.ts'
import { familyOfAddress } from '../result.ts'
import type { BridgeConfig } from './config.ts'
import { type BridgePlan, gatewayAddresses } from './objects.ts'

const alias = 'tsnet:cni'

/** Makes what is missing, and tells how to take it back. */
export async function ensureBridge(core: CniCore, plan: BridgePlan): Promise<() => Promise<void>> {
  const { config } = plan
  const found = findBridge(core, config.bridge)
  const made = found === undefined && await makeBridge(core, config)
  const undo = async (): Promise<void> => { if (made) await removeUnused(core, config.bridge) }
  try {
    if (config.promiscMode) core.kernel.rtnetlink().setLink(config.bridge, { promisc: true })
    await ensureGateway(core, plan, found)
    return undo
  } catch (error) {
    await undo()
    throw error
  }
}

/** @throws where a link of that name is no bridge */
export function findBridge(core: CniCore, name: string): Link | undefined {
  const link = core.kernel.rtnetlink().findLink(name)
  if (link === undefined || link.kind === 'bridge') return link
  throw cniError(cniCodes.other, `failed to create bridge "${name}": "${name}" already exists but is not a bridge`)
}

async function makeBridge(core: CniCore, { bridge, mtu, vlan, vlanTrunk }: BridgeConfig): Promise<boolean> {
  using _lock = await core.lockShared()
  if (findBridge(core, bridge) !== undefined) return false
  if (vlan !== 0 || vlanTrunk.length > 0) throw noVlanFiltering(bridge)
  await core.executor.create([
    // Of its own: it would take the lowest of its ports', and change it with every port that goes.
    { kind: 'bridge', name: bridge, alias, mac: `02:42:${randomHex(4).replace(/..(?=.)/g, '$&:')}`, ...mtu === undefined ? {} : { mtu } },
    { kind: 'sysctl', key: `net/ipv6/conf/${bridge}/accept_ra`, value: '0', optional: true },
    { kind: 'link-up', name: bridge },
  ])
  return true
}

function noVlanFiltering(bridge: string): Error {
  return cniError(cniCodes.other, `failed to create bridge "${bridge}": option vlan needs a kernel with CONFIG_BRIDGE_VLAN_FILTERING, which this one lacks`)
}

async function removeUnused(core: CniCore, name: string): Promise<void> {
  using _lock = await core.lockShared()
  const link = findBridge(core, name)
  if (link === undefined || core.kernel.rtnetlink().links().some(({ master }) => master === link.index)) return
  await core.executor.remove([{ kind: 'bridge', name, alias }])
}

async function ensureGateway(core: CniCore, plan: BridgePlan, found: Link | undefined): Promise<void> {
  const wanted = gatewayAddresses(plan)
  if (wanted.length === 0) return
  const { bridge } = plan.config
  const present = found === undefined ? [] : addressesOf(core, found)
  const conflicts = wanted.flatMap(address => present.filter(other => conflict(address, other)))
  const [first] = conflicts
  if (first !== undefined && !plan.config.forceAddress) {
    const mine = wanted.find(address => conflict(address, first))
    throw cniError(cniCodes.other, `failed to set bridge addr: "${bridge}" already has an IP address different from ${mine}`)
  }
  await core.executor.remove(conflicts.map(cidr => ({ kind: 'address', on: bridge, cidr })))
  const families = new Set(wanted.map(familyOfAddress))
  const objects: KernelObject[] = wanted.filter(address => !present.includes(address)).map(cidr => ({ kind: 'address', on: bridge, cidr }))
  if (families.has(6)) objects.unshift({ kind: 'sysctl', key: `net/ipv6/conf/${bridge}/disable_ipv6`, value: '0', optional: true })
  for (const family of families) {
    objects.push({ kind: 'sysctl', key: family === 4 ? 'net/ipv4/ip_forward' : 'net/ipv6/conf/all/forwarding', value: '1', keep: true })
  }
  await core.executor.create(objects)
}

/** Without link-local ones, which the kernel adds by itself. */
function addressesOf(core: CniCore, { index }: Link): readonly string[] {
  const rtnetlink = core.kernel.rtnetlink()
  return ([4, 6] as const).flatMap(family => rtnetlink.addresses(family, index)).map(({ cidr }) => cidr).filter(cidr => !/^fe80:/i.test(cidr))
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
