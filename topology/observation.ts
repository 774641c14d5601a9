/** What a picture is made of: records of the store, and what the kernel said of them at one moment. */
import type { EndpointRecord, NetworkRecord, SandboxRecord } from '../cnm/types.ts'
import type { KernelObject } from '../objects/object.ts'
import type { ContainerNode, HostNode, LinkCounters } from './model.ts'

export interface ObservedLink {
  readonly name: string
  readonly mtu: number
  readonly up: boolean
  readonly statistics?: LinkCounters
}

export interface ObservedRule { readonly rule: string, readonly packets: number, readonly bytes: number }

/** What a CNI plugin of ours has attached, from its record. */
export interface ObservedAttachment {
  readonly network: string
  readonly container: string
  readonly ifname: string
  /** Path of the namespace. */
  readonly netns: string
  readonly objects: readonly KernelObject[]
  /** What others of the network need as well. */
  readonly shared: readonly KernelObject[]
}

export interface Observation {
  readonly time: string
  readonly host: HostNode
  /** Those to be shown, in order. */
  readonly networks: readonly NetworkRecord[]
  /** All networks of the host: id to name. */
  readonly networkNames: ReadonlyMap<string, string>
  /** All of the host, so that a container without any can be told. */
  readonly endpoints: readonly EndpointRecord[]
  readonly sandboxes: readonly SandboxRecord[]
  readonly containers: readonly ContainerNode[]
  /** On the networks of CNI to be shown. */
  readonly attachments: readonly ObservedAttachment[]
  readonly links: readonly ObservedLink[]
  /** By reference: the objects of the records above that the kernel does not have. */
  readonly missing: ReadonlySet<KernelObject>
  /** By reference: what the rules of firewall objects have counted. */
  readonly counters: ReadonlyMap<KernelObject, readonly ObservedRule[]>
}
