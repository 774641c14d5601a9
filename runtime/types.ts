/**
 * What the doors and the runtime core tell each other: a container as asked for, as stored, and while it runs.
 */
import type { Readable, Writable } from 'node:stream'
import type { PortRequest } from '../cnm/types.ts'

/** A connection to a network as asked for. */
export interface EndpointSettings {
  /** Name or id. */
  readonly network: string
  readonly ip?: string
  readonly ip6?: string
  readonly mac?: string
  readonly linkLocal?: readonly string[]
  readonly gwPriority?: number
  readonly aliases?: readonly string[]
  /** Endpoint options, under Docker's names. */
  readonly driverOptions?: Readonly<Record<string, string>>
}

/**
 * `--network`: Docker's words, parsed. `endpoints` says it all where it is given: several networks, or more than a name of one;
 * without it there is one, `network`, with the addresses of the ContainerSpec.
 */
export type NetworkMode =
  | { readonly mode: 'bridge', readonly network: string, readonly endpoints?: readonly EndpointSettings[] }
  | { readonly mode: 'none' | 'host' }
  | { readonly mode: 'container', readonly container: string }

/** `-v SOURCE:TARGET[:ro]`: a bind mount (SOURCE is an absolute path) or a named volume; without SOURCE an anonymous volume. */
export interface MountSpec {
  readonly kind: 'bind' | 'volume'
  readonly source?: string
  readonly target: string
  readonly readOnly: boolean
}

export interface Limits {
  readonly memoryBytes?: number
  /** `--cpus` × 100 000 per period of 100 000 µs. */
  readonly cpuQuotaUs?: number
  readonly pids?: number
}

/** A container as asked for on the command line; nothing resolved yet. */
export interface ContainerSpec {
  /** Exactly one of `image` and `rootfs`. */
  readonly image?: string
  readonly rootfs?: string
  readonly command: readonly string[]
  readonly name?: string
  readonly hostname?: string
  /** `--entrypoint ''` clears the image's: an empty string. */
  readonly entrypoint?: string
  /** `KEY=VALUE`, env files first; a bare KEY was resolved by the door. */
  readonly env: readonly string[]
  readonly workdir?: string
  readonly user?: string
  readonly labels: Readonly<Record<string, string>>
  readonly network: NetworkMode
  readonly ports: readonly PortRequest[]
  readonly publishAll: boolean
  /** `80/tcp`, each; beside those of the image. */
  readonly exposed?: readonly string[]
  readonly ip?: string
  readonly ip6?: string
  readonly mac?: string
  readonly dns: readonly string[]
  readonly dnsSearch: readonly string[]
  readonly dnsOptions: readonly string[]
  /** `NAME:ADDRESS`; the address `host-gateway` is the gateway of the first network. */
  readonly extraHosts: readonly string[]
  readonly readOnly: boolean
  readonly mounts: readonly MountSpec[]
  readonly limits: Limits
  readonly stopTimeoutSeconds?: number
  readonly stopSignal?: string
  readonly autoRemove: boolean
  readonly detach: boolean
  readonly interactive: boolean
  readonly tty: boolean
  readonly noNewPrivileges: boolean
  /** `runc`, `crun` or a path: hand the OCI bundle to that runtime; absent: tsnet's own. */
  readonly runtime?: string
}

export type ContainerStatus = 'created' | 'running' | 'exited' | 'dead'

/** A container as stored. Paths are absolute. */
export interface ContainerRecord {
  readonly id: string
  readonly name: string
  readonly spec: ContainerSpec
  readonly created: string
  readonly status: ContainerStatus
  /** Lock name of the process that is creating or removing it; empty when it is at rest. */
  readonly owner: string
  readonly bootId: string
  readonly imageId?: string
  /** Path and arguments after entrypoint and command were put together. */
  readonly path: string
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly workdir: string
  readonly user: string
  readonly hostname: string
  readonly exposedPorts: readonly string[]
  readonly stopSignal: string
  /** Those of `spec` and of the image's VOLUME; anonymous volumes have their names as `source`. */
  readonly mounts: readonly MountSpec[]
  readonly anonymousVolumes: readonly string[]
  readonly pid: number
  /** Start time of `pid` and `shimPid` in clock ticks (/proc/PID/stat field 22), so that a reused pid is told apart. */
  readonly pidStartTime: number
  readonly shimPid: number
  readonly shimStartTime: number
  readonly startedAt: string
  readonly finishedAt: string
  readonly exitCode: number
  readonly error: string
  readonly oomKilled: boolean
  /** Its resolv.conf as tsnet wrote it last; absent where it has none of its own. */
  readonly resolvConf?: string
  /** Set by `stop` and `kill`, so that a later restart policy can tell. */
  readonly manuallyStopped: boolean
}

/** The ends that a door has of a container it started in the foreground. */
export interface Attached {
  readonly stdin?: Writable
  readonly stdout?: Readable
  /** Absent with a tty. */
  readonly stderr?: Readable
  resize(size: { readonly rows: number, readonly columns: number }): void
}

export interface TerminalSize { readonly rows: number, readonly columns: number }
