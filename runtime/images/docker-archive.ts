/**
 * Images of `docker save`: manifest.json names each image's configuration and layers.
 *
 * The old form has folders with layer.tar (a repeated one may be a link to another), the form since Docker 25 points into the blobs/ of an
 * OCI layout in the same archive. There are no digests of the blobs; DiffIDs cover them. Source: moby image/tarexport.
 */
import type { ArchiveFiles } from './archive-files.ts'
import { digestOf } from './hash.ts'
import { parseImageConfig } from './image-config.ts'
import type { SourceImage } from './image-source.ts'
import { parseImageJson } from './image-json.ts'
import { invalidImage } from './invalid-image.ts'
import { parseReference, tagName } from './reference.ts'

export const dockerManifestFile = 'manifest.json'

/** @throws invalid-image */
export async function readDockerArchive(files: ArchiveFiles): Promise<readonly SourceImage[]> {
  const manifest = parseImageJson('dockerArchiveManifest', await files.read(dockerManifestFile), dockerManifestFile)
  const images: SourceImage[] = []
  for (const { Config, RepoTags, Layers } of manifest) {
    const config = await files.read(Config)
    checkName(Config, config)
    const { diffIds } = parseImageConfig(config, Config)
    const layers = Layers ?? []
    if (layers.length !== diffIds.length) {
      throw invalidImage(`${dockerManifestFile}: has ${layers.length} layers where ${Config} has ${diffIds.length}`)
    }
    const absent = layers.find(layer => !files.has(layer))
    if (absent !== undefined) throw invalidImage(`${absent}: is missing, though ${dockerManifestFile} names it`)
    images.push({
      references: (RepoTags ?? []).map(name => tagName(parseReference(name))),
      config,
      layers: layers.map(layer => ({ name: layer, open: () => files.open(layer) })),
    })
  }
  return images
}

/** `<hex>.json` and `blobs/sha256/<hex>` say what the content's digest is. */
function checkName(path: string, config: Buffer): void {
  const hex = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(path)?.[1]
  if (hex !== undefined && digestOf(config) !== `sha256:${hex}`) throw invalidImage(`${path}: the content is not that of its name`)
}
