/** What the doors see of the runtime core. All calls throw TsnetError; `ref` is a name, a full id or an unambiguous prefix of one. */
import type { PortsChange } from '../cnm/controller-api.ts'
import type { EndpointRecord, NetworkRecord, PortRequest, SandboxRecord } from '../cnm/types.ts'
import type { KernelObject } from '../objects/object.ts'
import type { ContainerImage } from './container/dependencies.ts'
import type { PrunedContainers } from './container/prune.ts'
import type { ContainerPaths } from './paths.ts'
import type { Attached, ContainerRecord, ContainerSpec, EndpointSettings, MountSpec, TerminalSize } from './types.ts'

export interface StartedContainer {
  readonly record: ContainerRecord
  readonly warnings: readonly string[]
  /** Absent when detached. */
  readonly attached?: Attached
  /** Foreground only: resolves when the container has ended and everything of it is cleaned up; the exit code as Docker's. */
  readonly finished: Promise<number>
}

export interface LogOptions {
  readonly follow: boolean
  readonly tail?: number
  readonly timestamps: boolean
  readonly sinceMs?: number
  readonly untilMs?: number
}
export interface LogEntry { readonly stream: 'stdout' | 'stderr', readonly timeNs: bigint, readonly data: Buffer }

export interface ExecSpec {
  readonly command: readonly string[]
  readonly env: readonly string[]
  readonly workdir?: string
  readonly user?: string
  readonly interactive: boolean
  readonly tty: boolean
  readonly detach: boolean
  readonly size?: TerminalSize
}
export interface StartedExec { readonly pid: number, readonly attached: Attached, readonly finished: Promise<number> }

/** Everything that `inspect` shows of a container. */
export interface ContainerDetails {
  readonly record: ContainerRecord
  /** `hosts`, `hostname` and `resolvConf` of `--network container:` are the target's. */
  readonly paths: ContainerPaths
  /** Absent for `--rootfs`, and where the image was removed. */
  readonly image?: ContainerImage
  readonly mounts: readonly (MountSpec & { readonly hostPath: string })[]
  /** Absent when the container does not run. */
  readonly sandbox?: SandboxRecord
  readonly endpoints: readonly { readonly endpoint: EndpointRecord, readonly network: NetworkRecord }[]
}

export interface ContainerService {
  /** Creates and starts. `signal` aborts a start that is under way: everything made so far is undone. */
  run(spec: ContainerSpec, options?: { readonly signal?: AbortSignal, readonly size?: TerminalSize }): Promise<StartedContainer>
  /** The kernel objects of the container's network, without making them. */
  plan(spec: ContainerSpec): Promise<readonly KernelObject[]>
  get(ref: string): ContainerRecord
  details(ref: string): Promise<ContainerDetails>
  list(options: { readonly all: boolean }): readonly ContainerRecord[]
  logs(ref: string, options: LogOptions): AsyncIterable<LogEntry>
  exec(ref: string, spec: ExecSpec): Promise<StartedExec>
  /** Stop signal, then SIGKILL after the timeout (`--stop-timeout`, 10 s); returns when the container has ended. */
  stop(ref: string, options?: { readonly timeoutSeconds?: number }): Promise<ContainerRecord>
  kill(ref: string, signal: string): ContainerRecord
  /** @throws container-running unless `force`. `volumes` removes anonymous volumes too. */
  remove(ref: string, options: { readonly force: boolean, readonly volumes: boolean }): Promise<ContainerRecord>
  /** Removes those that do not run and that `accepts` takes; their anonymous volumes stay. */
  prune(accepts: (record: ContainerRecord) => boolean): Promise<PrunedContainers>
  /**
   * Connects a running container to a further network; gives sentences for the user.
   * @throws container-not-running, already-connected, network-not-found, conflicting-options for a container without networks
   */
  connect(ref: string, settings: EndpointSettings): Promise<readonly string[]>
  /** @throws not-connected, container-not-running; not with `force` */
  disconnect(ref: string, network: string, options: { readonly force: boolean }): Promise<readonly string[]>
  /**
   * Publishes further ports of a running container. @returns what was published, and sentences for the user
   * @throws port-in-use, container-not-running, conflicting-options for a container without networks of its own
   */
  publish(ref: string, ports: readonly PortRequest[]): Promise<PortsChange>
  /** Takes published ports back; a range goes as a whole. @throws port-not-published, container-not-running */
  unpublish(ref: string, ports: readonly PortRequest[]): Promise<PortsChange>
  /** Resolves with the exit code when the container has ended; at once if it has. */
  wait(ref: string): Promise<number>
  /** After the end of a container: status recorded, network, mounts, cgroup removed, `--rm` done. Called by the shim's last exec; idempotent. */
  cleanup(id: string): Promise<void>
  /** Finishes what dead processes and dead shims left behind. Cheap when there is nothing to do. */
  recover(): Promise<void>
}
