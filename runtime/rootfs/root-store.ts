/** Roots of containers, as the lifecycle asks for them: from an image in the store, or from a directory of the user's. */
import { existsSync } from 'node:fs'
import { TsnetError } from '../../errors/error.ts'
import type { ImageStore } from '../images/image-store.ts'
import type { RootFilesystem } from '../init/start-api.ts'
import type { Roots } from '../paths.ts'
import { directoryRoot, prepareRoot, removeRoot, writtenBytes } from './container-root.ts'

export class RootStore {
  readonly #roots: Roots
  readonly #images: ImageStore

  constructor(roots: Roots, images: ImageStore) {
    this.#roots = roots
    this.#images = images
  }

  /** @throws image-not-found, invalid-image, rootfs-not-found, kernel-feature-missing */
  prepare(containerId: string, from: { readonly imageId: string } | { readonly rootfs: string }): Promise<RootFilesystem> {
    return Promise.try(() => 'rootfs' in from
      ? directoryRoot(from.rootfs)
      : this.#fromImage(containerId, from.imageId))
  }

  #fromImage(containerId: string, imageId: string): RootFilesystem {
    const layers = this.#images.lowers(this.#images.get(imageId))
    const missing = layers.find(path => !existsSync(path))
    if (missing === undefined) return prepareRoot({ containerId, layers, roots: this.#roots })
    throw new TsnetError('invalid-image',
      `use image ${imageId.replace('sha256:', '').slice(0, 12)}: its layer "${missing}" is gone; load or import it again`, { data: { path: missing } })
  }

  remove(containerId: string): Promise<void> {
    return Promise.try(() => removeRoot(this.#roots, containerId))
  }

  /** Bytes of the container's own files. */
  writtenBytes(containerId: string): number {
    return writtenBytes(this.#roots, containerId)
  }
}
