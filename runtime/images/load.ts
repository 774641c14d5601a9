/** From an image source into the store: layers unpacked, each once, then the record, in this order, so that a record is always complete. */
import type { Digest } from './digest.ts'
import { digestOf } from './hash.ts'
import { parseImageConfig } from './image-config.ts'
import type { ImageRecord } from './image.ts'
import type { ImageSource, SourceImage } from './image-source.ts'
import type { ImageStore } from './image-store.ts'
import { withSubject } from './invalid-image.ts'
import type { LayerOptions, LayerStore, StoredLayer } from './layer-store.ts'
import type { UnpackLimits } from './unpack.ts'

export interface ImageStores { readonly images: ImageStore, readonly layers: LayerStore }

export interface LoadOptions {
  readonly limits?: UnpackLimits
  readonly signal?: AbortSignal
}

/** An image as loaded now: `references` are the names that this load gave it. */
export interface LoadedImage { readonly record: ImageRecord, readonly references: readonly string[] }

/**
 * All images of the source. What was loaded before one that fails stays.
 * @throws invalid-image with file, what and why
 */
export async function loadImages(source: ImageSource, stores: ImageStores, options: LoadOptions = {}): Promise<readonly LoadedImage[]> {
  const loaded: LoadedImage[] = []
  for (const image of await source.images()) {
    const record = await withSubject(`load image ${source.label}`, () => loadImage(image, stores, options))
    loaded.push({ record, references: image.references })
  }
  return loaded
}

async function loadImage(image: SourceImage, stores: ImageStores, options: LoadOptions): Promise<ImageRecord> {
  const id = digestOf(image.config)
  const config = parseImageConfig(image.config, id)
  using hold = stores.layers.hold()
  const layers = await ensureLayers(image, config.diffIds, stores.layers, { hold, ...options })
  return stores.images.add({
    id,
    references: image.references,
    created: config.created,
    os: config.os,
    architecture: config.architecture,
    ...config.variant === undefined ? {} : { variant: config.variant },
    layers,
    sizeBytes: layers.reduce((sum, layer) => sum + layer.sizeBytes, 0),
    defaults: config.defaults,
    configJson: image.config.toString('utf8'),
    ...image.manifestDigest === undefined ? {} : { manifestDigest: image.manifestDigest },
  })
}

/** One after the other: a layer may need what is below it, and one disk is the limit anyway. */
async function ensureLayers(image: SourceImage, diffIds: readonly Digest[], store: LayerStore, options: LayerOptions):
  Promise<readonly StoredLayer[]> {
  const layers: StoredLayer[] = []
  for (const [index, layer] of image.layers.entries()) {
    layers.push(await withSubject(layer.name, () => store.ensure(
      { open: () => layer.open(), ...layer.digest === undefined ? {} : { digest: layer.digest } },
      diffIds.slice(0, index + 1), layers, options)))
  }
  return layers
}
