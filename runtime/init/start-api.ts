/** The start of a container and of a process in one: what `runtime/init/` takes and gives. */
import type { OciProcess, OciSpec } from '../oci-spec.ts'
import type { Attached, TerminalSize } from '../types.ts'

/** Where the container's root comes from; it is mounted inside the container's own mount namespace only. */
export type RootFilesystem =
  | { readonly kind: 'overlay', readonly lowers: readonly string[], readonly upper: string, readonly work: string, readonly target: string }
  | { readonly kind: 'directory', readonly path: string }

/** Cgroup directories that exist already: joined by `0` into `tasks` (v1), or by CLONE_INTO_CGROUP / cgroup.procs (v2). */
export interface CgroupDirectories { readonly v1: readonly string[], readonly v2?: string }

export interface StartRequest {
  readonly spec: OciSpec
  readonly root: RootFilesystem
  /** The namespace to join; absent: the host's. */
  readonly netns?: string
  readonly cgroup: CgroupDirectories
  /** Where the shim itself goes, so that it survives the session it was started in. */
  readonly shimCgroup: CgroupDirectories
  readonly logPath: string
  /** The shim writes the wait status here: `<wait status> <seconds> <nanoseconds>\n`, with leading zeros. */
  readonly statusPath: string
  readonly interactive: boolean
  readonly size?: TerminalSize
  readonly detach: boolean
  /** Absolute argv that the shim execs once after the end, if detached or if the caller died. */
  readonly cleanup: readonly string[]
  /** Descriptors the shim keeps open until the end (the reserved ports). */
  readonly keepDescriptors: readonly number[]
}

export interface StartedProcess {
  /** The container's init, in the host's pid namespace. */
  readonly pid: number
  readonly shimPid: number
  /** Absent when detached. */
  readonly attached?: Attached
  /** The raw wait status; resolves when the shim reports it. Never resolves when detached. */
  readonly exited: Promise<number>
  /** Tells the shim that the caller cleans up itself. */
  done(): void
  /** Leaves the rest to the shim: it cleans up when the process has ended. */
  leave(): void
}

export interface ExecRequest {
  /** Init of the container to enter: all its namespaces are joined. */
  readonly pid: number
  readonly process: OciProcess
  readonly seccomp?: OciSpec['linux']['seccomp']
  readonly cgroup: CgroupDirectories
  /** Where the exec's shim goes; absent: it stays where its caller is. */
  readonly shimCgroup?: CgroupDirectories
  readonly interactive: boolean
  readonly detach: boolean
  readonly size?: TerminalSize
}
