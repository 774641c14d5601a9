/**
 * The plugin bridge: a veth pair, its host end a port of a bridge, with addresses from an IPAM plugin.
 *
 * `attachToBridge` is also what the plugin `tsnet` does, with more objects in the same record: one transaction, one run of the executor.
 */
import { randomHex } from '../../kernel/random.ts'
import type { KernelObject } from '../../objects/object.ts'
import type { HostPort } from '../../store/cni-store.ts'
import { attachmentId } from '../attachment.ts'
import { createAttachment, findAttachment, removeAttachment } from '../attachments.ts'
import type { CniCore, CniTransaction } from '../core.ts'
import { cniCodes, cniError } from '../error.ts'
import { type Ipam, openIpam } from '../ipam/delegate.ts'
import { exhausted } from '../ipam/host-local.ts'
import { findLinkInside, hasNetns, insideNetns, requireNetns } from '../netns.ts'
import type { Plugin, ValidAttachments } from '../plugin.ts'
import { referenceParts, removeReference } from '../reference/leftovers.ts'
import type { Request } from '../request.ts'
import type { CniDns, CniResult } from '../result.ts'
import { checkBridge } from './check.ts'
import { gatewayLink, parseBridge } from './config.ts'
import { ensureBridge, findBridge } from './ensure.ts'
import { type BridgePlan, bridgeObjects, bridgeShared, planBridge } from './objects.ts'

/** What another plugin adds to the record of an interface. */
export interface Extension {
  readonly objects: readonly KernelObject[]
  readonly shared: readonly KernelObject[]
  readonly hostPorts: readonly HostPort[]
}

export interface AttachOptions {
  readonly plugin: string
  readonly ipam: Ipam | undefined
  /** The bridge's port reflects frames, whatever the configuration says. */
  readonly reflects?: boolean
  /** Called in the transaction, once the addresses are known. */
  readonly extend?: (tx: CniTransaction, plan: BridgePlan) => Extension
}

export const bridgePlugin: Plugin = {
  add: (request, core) => attachToBridge(request, core, { plugin: 'bridge', ipam: openIpam(request) }),
  del: (request, core) => detachFromBridge(request, core, { plugin: 'bridge', ipam: openIpam(request) }),
  async check(request, core) {
    await openIpam(request)?.check(core)
    await checkBridge(core, request, { config: parseBridge(request), plugin: 'bridge' })
  },
  status: (request, core) => bridgeStatus(request, core, { plugin: 'bridge', ipam: openIpam(request) }),
  gc: (request, core, valid) => gcBridge(request, core, valid, { plugin: 'bridge', ipam: openIpam(request) }),
}

/** A pool that has run full of addresses of containers that died without a DEL gives those back, once. */
export async function attachToBridge(request: Request, core: CniCore, options: AttachOptions): Promise<CniResult> {
  try {
    return await attach(request, core, options)
  } catch (error) {
    if (!isExhausted(error) || await removeDead(request, core, options.plugin) === 0) throw error
    return await attach(request, core, options)
  }
}

/** How many there were. */
async function removeDead(request: Request, core: CniCore, plugin: string): Promise<number> {
  const dead = deadAttachments(request, core, plugin)
  for (const { id } of dead) await removeAttachment(core, id)
  return dead.length
}

/** Those of the network whose link is gone, as it is when the namespace is. */
function deadAttachments({ network }: Request, core: CniCore, plugin: string) {
  const names = new Set(core.kernel.rtnetlink().links().map(({ name }) => name))
  return staleAttachments(core, network, plugin, () => false)
    .filter(({ state, objects }) => state === 'ready' && objects.some(object => object.kind === 'veth' && !names.has(object.host)))
}

/** Throws what stands in the way of an ADD. A pool that is full is none where there are addresses to take back. */
export async function bridgeStatus(request: Request, core: CniCore, { plugin, ipam }: AttachOptions): Promise<void> {
  const config = parseBridge(request)
  findBridge(core, config.bridge)
  if (config.ipMasq) await core.firewallBackend()
  try {
    await ipam?.status(core)
  } catch (error) {
    if (!isExhausted(error) || deadAttachments(request, core, plugin).length === 0) throw error
  }
}

function isExhausted(error: unknown): boolean {
  return error instanceof Error && error.message.includes(exhausted)
}

async function attach(request: Request, core: CniCore, { plugin, ipam, reflects = false, extend }: AttachOptions): Promise<CniResult> {
  const parsed = parseBridge(request)
  const config = reflects && !parsed.promiscMode ? { ...parsed, hairpinMode: true } : parsed
  const netns = requireNetns(core, request)
  findBridge(core, config.bridge)
  const id = attachmentId(request, plugin)
  const seen = { earlier: findAttachment(core, id) }
  if (findLinkInside(core.kernel, netns, request.ifname) !== undefined) {
    throw cniError(cniCodes.other, `container veth name provided (${request.ifname}) already exists`)
  }
  await ipam?.prepare()
  let plan: BridgePlan | undefined
  try {
    return await createAttachment(core, id, {
      seen,
      plan(tx) {
        const addresses = ipam?.allocate(tx) ?? { interfaces: [], ips: [], routes: [], dns: {} }
        if (ipam !== undefined && addresses.ips.length === 0) throw cniError(cniCodes.other, 'IPAM plugin returned missing IP config')
        plan = planBridge({ request, config, netns, ipam: addresses, random: [randomHex(4), randomHex(4)] })
        const extension = extend?.(tx, plan)
        const { network, containerId, ifname } = request
        return {
          record: {
            id, network, containerId, ifname, plugin, netns: request.netns, pools: ipam?.pools ?? [], hostPorts: extension?.hostPorts ?? [],
            shared: [...bridgeShared(plan), ...extension?.shared ?? []],
          },
          objects: [...bridgeObjects(request, plan), ...extension?.objects ?? []],
        }
      },
      prepare: () => ensureBridge(core, planned(plan)),
      finish: () => resultOf(request, core, planned(plan)),
    })
  } catch (error) {
    await ipam?.undo().catch(() => undefined)
    throw error
  }
}

/** Everything is removed that can be, before a failure is told. */
export async function detachFromBridge(request: Request, core: CniCore, { plugin, ipam }: AttachOptions): Promise<void> {
  const errors: unknown[] = []
  const attempt = async (step: () => Promise<unknown>): Promise<void> => {
    try {
      await step()
    } catch (error) {
      errors.push(error)
    }
  }
  await attempt(async () => {
    if (await removeAttachment(core, attachmentId(request, plugin))) return
    removeUnknown(request, core)
    await removeReference(core, request, plugin === 'bridge' ? ['bridge'] : referenceParts)
  })
  await attempt(async () => { await ipam?.release(core) })
  if (errors.length > 0) throw errors[0]
}

export async function gcBridge(request: Request, core: CniCore, valid: ValidAttachments, { plugin, ipam }: AttachOptions): Promise<void> {
  const errors: unknown[] = []
  for (const { id } of staleAttachments(core, request.network, plugin, valid)) await removeAttachment(core, id).catch((error: unknown) => errors.push(error))
  await ipam?.gc(core, valid).catch((error: unknown) => errors.push(error))
  if (errors.length > 0) throw errors[0]
}

export function staleAttachments(core: CniCore, network: string, plugin: string, valid: ValidAttachments) {
  return core.read(tx => tx.attachments.list({ parent: network })).filter(record => record.plugin === plugin && !valid(record))
}

/** An interface that another program has made, the reference plugin for one. */
function removeUnknown(request: Request, core: CniCore): void {
  if (!hasNetns(core, request)) return
  insideNetns(core.kernel, core.netnsOf(request), rtnetlink => {
    const link = rtnetlink.findLink(request.ifname)
    if (link?.kind === 'veth') rtnetlink.deleteLink(link.index, link.name)
  })
}

function planned(plan: BridgePlan | undefined): BridgePlan {
  if (plan === undefined) throw cniError(cniCodes.other, 'nothing was planned')
  return plan
}

function resultOf({ ifname, netns }: Request, core: CniCore, plan: BridgePlan): CniResult {
  const { config, hostName, mac, ips, routes, ipam } = plan
  const rtnetlink = core.kernel.rtnetlink()
  const [bridge, host] = [rtnetlink.findLink(config.bridge), rtnetlink.findLink(hostName)]
  const gateway = gatewayLink(config)
  const shown = (link: typeof bridge) => ({ ...link?.mac === undefined ? {} : { mac: link.mac }, ...link === undefined ? {} : { mtu: link.mtu } })
  return {
    interfaces: [
      { name: config.bridge, ...shown(bridge) }, { name: hostName, ...shown(host) },
      { name: ifname, mac, ...host === undefined ? {} : { mtu: host.mtu }, sandbox: netns },
      ...gateway === config.bridge || ips.length === 0 ? [] : [{ name: gateway, ...shown(rtnetlink.findLink(gateway)) }],
    ],
    ips, routes, dns: dnsOf(config.dns, ipam.dns),
  }
}

/** The configuration's, where it says anything at all. */
function dnsOf(configured: CniDns, given: CniDns): CniDns {
  return Object.keys(configured).length > 0 ? configured : given
}
