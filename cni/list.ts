/** What CNI plugins have attached, for people: `tsnet ps` and `tsnet network ls` show it beside tsnet's own. */
import { bootId as readBootId } from '../kernel/boot.ts'
import type { PublishObject } from '../objects/firewall.ts'
import type { Roots } from '../runtime/paths.ts'
import { openStore } from '../store/store.ts'
import type { AttachmentRecord } from './attachment.ts'
import type { CniResult } from './result.ts'

export interface CniContainer {
  readonly id: string
  /** ISO 8601: of the first interface. */
  readonly created: string
  readonly networks: readonly string[]
  readonly interfaces: readonly CniContainerInterface[]
  readonly ports: readonly PublishObject[]
}

export interface CniContainerInterface {
  readonly network: string
  readonly ifname: string
  /** CNI_NETNS as it was given. */
  readonly netns: string
  /** Of the last plugin of the chain that is ours. */
  readonly result: CniResult
}

export interface CniNetwork { readonly name: string, readonly created: string, readonly containers: number }

/** Containers with an interface of ours, the latest first. */
export function listCniContainers(roots: Roots): readonly CniContainer[] {
  const containers = [...Map.groupBy(readAttachments(roots), ({ containerId }) => containerId)].map(([id, records]): CniContainer => ({
    id, created: firstOf(records), networks: unique(records.map(({ network }) => network)),
    interfaces: [...Map.groupBy(records, ({ network, ifname }) => `${network}/${ifname}`).values()].flatMap(interfaceOf),
    ports: records.flatMap(({ objects }) => objects.filter(object => object.kind === 'publish')),
  }))
  return containers.toSorted((a, b) => a.created < b.created ? 1 : -1)
}

/** Networks that have a container, by name. */
export function listCniNetworks(roots: Roots): readonly CniNetwork[] {
  const networks = [...Map.groupBy(readAttachments(roots), ({ network }) => network)].map(([name, records]): CniNetwork => ({
    name, created: firstOf(records), containers: new Set(records.map(({ containerId }) => containerId)).size,
  }))
  return networks.toSorted((a, b) => a.name < b.name ? -1 : 1)
}

/** Every interface, as `tsnet topology` draws them. */
export function listCniAttachments(roots: Roots) {
  return readAttachments(roots).map(({ network, containerId, ifname, netns, objects, shared }) => ({ network, container: containerId, ifname, netns, objects, shared }))
}

function interfaceOf(records: readonly AttachmentRecord[]): readonly CniContainerInterface[] {
  const last = records.toSorted((a, b) => a.created < b.created ? -1 : 1).findLast(({ result }) => result !== undefined)
  return last?.result === undefined ? [] : [{ network: last.network, ifname: last.ifname, netns: last.netns, result: last.result }]
}

/** Of this boot, and ready. */
function readAttachments({ root }: Roots): readonly AttachmentRecord[] {
  using store = openStore(root)
  const bootId = readBootId()
  return store.read(tx => tx.table<AttachmentRecord>('cni_attachments').list({ state: 'ready' })).filter(record => record.bootId === bootId)
}

function firstOf(records: readonly AttachmentRecord[]): string {
  return records.map(({ created }) => created).toSorted()[0] ?? ''
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}
