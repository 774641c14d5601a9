/**
 * What one plugin made for one container interface, as a record: the intent, written before the kernel is touched.
 *
 * The drop-in plugins of a chain are separate calls, so each has a record of its own; the plugin `tsnet` has one for everything. Removal needs
 * nothing but the record: neither the namespace, nor a previous result, nor the configuration.
 */
import type { RecordState } from '../cnm/types.ts'
import type { KernelObject } from '../objects/object.ts'
import type { HostPort } from '../store/cni-store.ts'
import type { Request } from './request.ts'
import type { CniResult } from './result.ts'

export interface LinkAttributes {
  readonly mac?: string
  readonly mtu?: number
  readonly promisc?: boolean
  readonly allmulti?: boolean
  readonly txQueueLength?: number
}

export interface AttachmentRecord {
  /** `NETWORK/CONTAINER/INTERFACE/PLUGIN`: none of them has a slash. */
  readonly id: string
  readonly network: string
  readonly containerId: string
  readonly ifname: string
  readonly plugin: string
  readonly netns: string
  readonly state: RecordState
  readonly owner: string
  readonly bootId: string
  /** ISO 8601. */
  readonly created: string
  /** What the kernel holds for this one alone, in order of creation. */
  readonly objects: readonly KernelObject[]
  /** What it needs that others may need as well. */
  readonly shared: readonly KernelObject[]
  /** Keys of the pools it has addresses of. */
  readonly pools: readonly string[]
  readonly hostPorts: readonly HostPort[]
  /** How the container's interface was before it was changed. */
  readonly before?: LinkAttributes
  /** The process that had a server make it (`callerName`); absent where there was none. */
  readonly askedBy?: string
  /** What was answered; absent while it is made. */
  readonly result?: CniResult
}

export function attachmentId({ network, containerId, ifname }: Pick<Request, 'network' | 'containerId' | 'ifname'>, plugin: string): string {
  return `${network}/${containerId}/${ifname}/${plugin}`
}

/** A record to be, of a plugin that has made nothing yet. */
export function newRecord(request: Request, plugin: string) {
  const { network, containerId, ifname, netns } = request
  return { id: attachmentId(request, plugin), network, containerId, ifname, plugin, netns, pools: [], hostPorts: [], shared: [] }
}

/** Who has an address: the same for all plugins, since IPAM of one may be another one's. */
export function leaseHolder({ containerId, ifname }: Pick<Request, 'containerId' | 'ifname'>): string {
  return `${containerId}/${ifname}`
}

/** Marks the links that attachments share, and that outlive them. */
export const sharedAlias = 'tsnet:cni'

/** Marks a link as an attachment's, whatever the length of its names; the link's own name is what tells two of them apart. */
export function linkAlias(request: Pick<Request, 'network' | 'containerId' | 'ifname'>): string {
  return `tsnet:cni/${request.network}/${request.containerId}/${request.ifname}`.slice(0, aliasLimit)
}

/** IFALIASZ of linux/if.h, less the NUL that the kernel counts. */
const aliasLimit = 254

/** Those that do not go by themselves with the container's interface or namespace. */
export function hostSide(objects: readonly KernelObject[]): readonly KernelObject[] {
  return objects.filter(object => object.kind === 'veth' || !('netns' in object) || object.netns === undefined)
}
