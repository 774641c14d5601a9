/**
 * Where images come from: an archive, a layout folder, a registry. The one thing a source has to be able to do is to name its images, with their
 * configuration, and to open each layer's blob when the store asks for it; see `load.ts` for what then happens.
 */
import type { Digest } from './digest.ts'

export interface ImageSource extends AsyncDisposable {
  /** For messages: a path, `standard input`, an address. */
  readonly label: string
  /** The images for the platform asked for. @throws invalid-image, platform-unsupported */
  images(): Promise<readonly SourceImage[]>
}

export interface SourceImage {
  /** Full names with tag that the source gives the image. */
  readonly references: readonly string[]
  /** Byte for byte; its digest is the image's id and was compared where the source knew it. */
  readonly config: Buffer
  /** Base first; as many as the configuration has DiffIDs. */
  readonly layers: readonly SourceLayer[]
  readonly manifestDigest?: Digest
}

export interface SourceLayer {
  /** For messages: the blob's name. */
  readonly name: string
  /** Of the blob as stored or sent; compared while unpacking. */
  readonly digest?: Digest
  /** The blob's bytes, compressed or not. Called at most once, and not at all where the layer is there already. */
  open(): AsyncIterable<Uint8Array>
}
