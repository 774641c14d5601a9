/** What the plugins are given: the store, the kernel and this process's identity, opened when they are first needed. */
import type { Executor } from '../cnm/executor.ts'
import type { PortReserver } from '../cnm/ports.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { BackendName } from '../nat/firewall.ts'
import type { CniStore } from '../store/cni-store.ts'
import type { ReadonlyTable, Table } from '../store/table.ts'
import type { AttachmentRecord } from './attachment.ts'

/** What a read sees. */
export interface CniView {
  readonly attachments: ReadonlyTable<AttachmentRecord>
  readonly meta: { get(key: string): string | undefined }
  readonly leases: Pick<CniStore['leases'], 'get' | 'list' | 'listAll'>
  readonly ports: Pick<CniStore['ports'], 'find'>
  readonly shared: Pick<CniStore['shared'], 'isMade' | 'hasHolders' | 'isHeldOnlyBy' | 'listUnheld'>
}

export interface CniTransaction extends CniStore {
  readonly attachments: Table<AttachmentRecord>
  readonly meta: { get(key: string): string | undefined, set(key: string, value: string): void }
}

export interface CniCore {
  /** One transaction; what a write reads stays true until it ends. */
  read<T>(fn: (view: CniView) => T): T
  write<T>(fn: (tx: CniTransaction) => T): T
  readonly kernel: Kernel
  readonly executor: Executor
  readonly ports: PortReserver
  /** The firewall backend in use or, as long as none is, the one that would be. @throws firewall-unsupported where the host has none */
  firewallBackend(): Promise<BackendName>
  /** The process that asks this one (`callerName`); absent where nobody does. */
  readonly askedBy?: string
  /** Name of the lock that this process holds for its life. */
  readonly owner: string
  /** Ids of the attachments that a call of this very process makes or removes now. */
  readonly underWay: Set<string>
  readonly bootId: string
  isAlive(owner: string): boolean
  now(): string
  /** Held while objects that several attachments share are made or removed, between processes as well. */
  lockShared(): Promise<Disposable>
  /**
   * Path by which this process reaches the namespace of a request: CNI_NETNS itself or, where the caller has handed over a
   * descriptor, that. The path of a caller is never opened by a server.
   */
  netnsOf(request: { readonly netns: string }): string
  /** Takes over the descriptors that reserve host ports: a server holds them, a process that ends here closes them. */
  keepPorts(holder: string, descriptors: readonly number[]): void
  releasePorts(holder: string): void
}
