/** Images as the doors use them: the store, and the two ways in. */
import type { ImportRequest } from '../runtime/images/import.ts'
import type { ArchiveInput } from '../runtime/images/archive.ts'
import { ImageStore } from '../runtime/images/image-store.ts'
import type { ImageRecord } from '../runtime/images/image.ts'
import { LayerStore } from '../runtime/images/layer-store.ts'
import type { LoadedImage } from '../runtime/images/load.ts'
import { hostPlatform, type Platform } from '../runtime/images/platform.ts'
import type { Store } from '../store/store.ts'

export interface EngineImages {
  readonly store: ImageStore
  import(request: ImportRequest, signal?: AbortSignal): Promise<ImageRecord>
  load(input: ArchiveInput, options: { readonly platform?: Platform, readonly signal?: AbortSignal }): Promise<readonly LoadedImage[]>
}

export function openImages(store: Store, root: string): EngineImages {
  const layers = new LayerStore(root)
  const stores = { images: new ImageStore(store, layers), layers }
  return {
    store: stores.images,
    // What reads archives is needed by these two commands only.
    async import(request, signal) {
      const { importImage } = await import('../runtime/images/import.ts')
      return await importImage(request, stores, signal === undefined ? {} : { signal })
    },
    async load(input, { platform = hostPlatform(), signal }) {
      const [{ openArchive }, { loadImages }] = await Promise.all([import('../runtime/images/archive.ts'), import('../runtime/images/load.ts')])
      await using source = await openArchive(input, { root, platform })
      return await loadImages(source, stores, signal === undefined ? {} : { signal })
    },
  }
}
