/** An image as stored: what it is called, what it is made of, and what it says about the containers that run from it. */
import type { Digest } from './digest.ts'
import type { StoredLayer } from './layer-store.ts'

/** What an image gives a container where the user says nothing: the `config` of its configuration, never null. */
export interface ImageDefaults {
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  /** `KEY=VALUE` */
  readonly env: readonly string[]
  /** Absolute; `/` where the image has none. */
  readonly workdir: string
  /** `user[:group]`, '' for root. */
  readonly user: string
  /** `80/tcp` */
  readonly exposedPorts: readonly string[]
  /** Absolute paths that get an anonymous volume each. */
  readonly volumes: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** '' where the image has none: SIGTERM then. */
  readonly stopSignal: string
}

export interface ImageRecord {
  /** Digest of the configuration's bytes. */
  readonly id: Digest
  /** Full names with tag (`docker.io/library/busybox:latest`); none for an image that lost its names. */
  readonly references: readonly string[]
  /** When the image was made, as it says itself; RFC 3339. */
  readonly created: string
  readonly os: string
  /** As images write it: `amd64`, `arm64`. */
  readonly architecture: string
  readonly variant?: string
  /** Base first. */
  readonly layers: readonly StoredLayer[]
  /** Content of all layers. */
  readonly sizeBytes: number
  readonly defaults: ImageDefaults
  /** The configuration, byte for byte. */
  readonly configJson: string
  /** Of the OCI manifest the image came with; archives of `docker save` have none. */
  readonly manifestDigest?: Digest
}
