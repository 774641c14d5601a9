/** CHECK of an interface on a bridge: what was answered by the ADD is still so, and the kernel has all that was made. */
import type { CniCore } from '../core.ts'
import { type AttachmentRecord, attachmentId } from '../attachment.ts'
import { cniCodes, cniError } from '../error.ts'
import { insideNetns, requireNetns } from '../netns.ts'
import type { Link } from '../../kernel/netlink/link.ts'
import { type BridgeConfig, gatewayLink } from './config.ts'
import type { Request } from '../request.ts'
import { type CniInterface, type CniResult, familyOfAddress } from '../result.ts'
import { parseInterfaceAddress } from '../../address/cidr.ts'
import { formatIp } from '../../address/ip.ts'

const bad = (msg: string): Error => cniError(cniCodes.other, msg)

/** @throws code 999 naming what is missing */
export async function checkBridge(core: CniCore, request: Request, { config, plugin }: { readonly config: BridgeConfig, readonly plugin: string }): Promise<void> {
  const prev = requirePrevResult(request)
  const netns = requireNetns(core, request)
  const { bridge } = config
  const rtnetlink = core.kernel.rtnetlink()
  const link = rtnetlink.findLink(bridge)
  if (link?.kind !== 'bridge') throw bad(`bridge interface ${bridge} not found`)
  checkPromisc(config, rtnetlink.findLinkDetails(bridge)?.promisc ?? false)
  const gateway = gatewayLink(config)
  if (prev.ips.length > 0 && rtnetlink.findLink(gateway) === undefined) throw bad(`gateway interface ${gateway} not found`)
  const container = containerInterfaceOf(prev, request)
  checkInside(core, netns, prev, container)
  checkHostEnd(prev, link, name => rtnetlink.findLink(name))
  const record = core.read(tx => tx.attachments.get(attachmentId(request, plugin)))
  if (record !== undefined) await checkRecord(core, record, netns)
}

export function requirePrevResult({ prevResult }: Request): CniResult {
  if (prevResult === undefined) throw bad('Required prevResult missing')
  return prevResult
}

export function containerInterfaceOf(prev: CniResult, { ifname, netns }: Request): CniInterface {
  const found = prev.interfaces.find(each => each.name === ifname && each.sandbox === netns)
  if (found === undefined) throw bad(`the result has no interface ${ifname} in sandbox ${netns}`)
  return found
}

/** What the configuration has set; a program that listens, such as tcpdump, does not show in it. */
function checkPromisc({ bridge, promiscMode }: BridgeConfig, present: boolean): void {
  if (promiscMode !== present) throw bad(`bridge interface ${bridge} configured promisc mode ${promiscMode} doesn't match current state: ${present}`)
}

function checkHostEnd({ interfaces }: CniResult, { index, name: bridge }: Link, find: (name: string) => Link | undefined): void {
  const ends = interfaces.filter(({ sandbox }) => sandbox === undefined).map(({ name, mac }) => ({ mac, link: find(name) }))
  const end = ends.find(({ link }) => link?.kind === 'veth' && link.master === index)
  if (end?.link === undefined) throw bad(`no host interface of the result is a port of bridge ${bridge}`)
  const { mac, link } = end
  if (mac !== undefined && mac.toLowerCase() !== link.mac) throw bad(`interface ${link.name} mac ${link.mac} doesn't match the result's: ${mac}`)
}

function checkInside(core: CniCore, netns: string, prev: CniResult, { name, mac }: CniInterface): void {
  insideNetns(core.kernel, netns, rtnetlink => {
    const link = rtnetlink.findLink(name)
    if (link === undefined) throw bad(`container interface ${name} not found`)
    if (mac !== undefined && link.mac !== mac.toLowerCase()) throw bad(`interface ${name} mac ${link.mac} doesn't match container mac: ${mac}`)
    const present = ([4, 6] as const).flatMap(family => rtnetlink.addresses(family, link.index)).map(({ cidr }) => cidr)
    for (const { address, interface: index } of prev.ips) {
      if (index !== undefined && prev.interfaces[index]?.name !== name) continue
      const { ip, prefix } = parseInterfaceAddress(address)
      if (!present.includes(`${formatIp(ip)}/${prefix}`)) throw bad(`failed to match addr ${address} on interface ${name}`)
    }
    const destinations = new Set(([4, 6] as const).flatMap(family => rtnetlink.routes(family)).map(({ family, to }) => `${family} ${to}`))
    for (const { dst } of prev.routes) {
      const { ip, prefix } = parseInterfaceAddress(dst)
      const to = prefix === 0 ? 'default' : `${formatIp(ip)}/${prefix}`
      if (!destinations.has(`${familyOfAddress(dst)} ${to}`)) throw bad(`expected route ${dst} in the container, and there is none`)
    }
  })
}

/** The kernel has what the record says; a setting that a later plugin has changed is its affair. */
export async function checkRecord(core: CniCore, record: AttachmentRecord, netns: string): Promise<void> {
  const objects = [...record.shared, ...record.objects.filter(({ kind }) => kind !== 'sysctl' && kind !== 'address' && kind !== 'route')]
    .map(object => 'netns' in object && object.netns !== undefined ? { ...object, netns } : object)
  const [missing] = await core.executor.missing(objects)
  if (missing !== undefined) throw bad(`the kernel lacks what the ADD has made: ${core.executor.describe([missing])[0] ?? missing.kind}`)
}
