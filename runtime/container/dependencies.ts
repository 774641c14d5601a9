/**
 * What the container lifecycle is built on, as interfaces: the engine composes the real ones, unit tests fakes.
 *
 * Everything that makes something has a twin that removes it, which is idempotent and takes a thing half-made or absent as
 * success.
 */
import type { NetworkController, Attachment } from '../../cnm/controller-api.ts'
import type { SandboxPort } from '../../cnm/types.ts'
import type { Store } from '../../store/store.ts'
import type { Cgroups } from '../cgroups/manager.ts'
import type { ImageRecord } from '../images/image.ts'
import type { ExecRequest, RootFilesystem, StartedProcess, StartRequest } from '../init/start-api.ts'
import type { HostFiles } from '../files/container-files.ts'
import type { Roots } from '../paths.ts'
import type { HostFacts, ProcessUser } from '../spec/build-spec.ts'
import type { ProcessName, Processes } from './processes.ts'

export type ContainerImage = Pick<ImageRecord, 'id' | 'defaults'>

export interface ImageFinder {
  /** By name, name:tag or id. @throws image-not-found, platform-unsupported */
  find(ref: string): ContainerImage | Promise<ContainerImage>
}

export interface RootSource {
  /** The folders of a container's root: layers of `imageId` and an own upper one, or the folder `rootfs`. Nothing is mounted. */
  prepare(id: string, from: { readonly imageId: string } | { readonly rootfs: string }): Promise<RootFilesystem>
  remove(id: string): Promise<void>
}

export interface VolumeSource {
  /** The folder of a volume; made where there is none, and then filled from `target` in the container's root. */
  ensure(name: string, fill: VolumeFill): Promise<string>
  /** Where a volume is, whether it exists or not. */
  pathOf(name: string): string
  remove(name: string): Promise<void>
}
export interface VolumeFill {
  readonly root: RootFilesystem
  readonly target: string
  /** Removed with its container (`--rm`, `rm -v`). */
  readonly anonymous: boolean
}

export interface Owner {
  /** Name of this process's lock. */
  readonly name: string
  isAlive(name: string): boolean
}

/** The host's ports that a container's shim keeps bound while it runs. */
export interface PortKeeper {
  /** What a shim that is about to start is to keep open for the descriptors given, which stay the caller's. */
  box(descriptors: readonly number[]): KeptPorts
  /** Gives further ones to a shim that runs. @throws container-not-running */
  add(shim: ProcessName, descriptors: readonly number[]): void
  /** Takes from a shim all ports but these; one that is gone holds none. */
  retain(shim: ProcessName, ports: readonly SandboxPort[]): void
}

/** Descriptors for the shim, open here until this is disposed. */
export interface KeptPorts extends Disposable { readonly descriptors: readonly number[] }

export interface ContainerDependencies {
  readonly roots: Roots
  readonly store: Store
  readonly networks: NetworkController
  readonly images: ImageFinder
  readonly rootfs: RootSource
  readonly volumes: VolumeSource
  readonly cgroups: Cgroups
  readonly processes: Processes
  readonly ports: PortKeeper
  readonly owner: Owner
  readonly bootId: string
  readonly start: (request: StartRequest) => Promise<StartedProcess>
  /** `--runtime`: the same bundle handed to an OCI runtime; absent where that is not offered. */
  readonly startWith?: (runtime: string, request: StartRequest) => Promise<StartedProcess>
  readonly exec: (request: ExecRequest) => Promise<StartedProcess>
  /**
   * The user of `[USER][:GROUP]`, by /etc/passwd and /etc/group of the container's root; empty is root. @throws user-not-found
   */
  readonly resolveUser: (root: RootFilesystem, user: string) => ProcessUser
  readonly hostFacts: HostFacts
  readonly hostFiles: () => HostFiles
  readonly hostname: () => string
  /** Addresses of tsnet's resolver for these networks; empty where they have none. */
  readonly resolvers: (attachment: Pick<Attachment, 'sandbox' | 'endpoints'>) => readonly string[]
  /** Absolute argv that cleans up after a container: engine, bundle, `internal cleanup ID` with the roots. */
  readonly cleanupCommand: (id: string) => readonly string[]
  /** ISO 8601 with nanoseconds. */
  readonly now: () => string
}
