/**
 * Images of an OCI layout (a folder, or the same in a tar archive): index.json leads to manifests, directly or through further
 * indexes, and a manifest to configuration and layers under blobs/. Every document is compared with its digest and size.
 *
 * Source: image-spec image-layout.md, image-index.md, manifest.md.
 */
import { TsnetError } from '../../errors/error.ts'
import type { ArchiveFiles } from './archive-files.ts'
import { isDigest } from './digest.ts'
import { digestOf } from './hash.ts'
import { parseImageConfig } from './image-config.ts'
import type { SourceImage } from './image-source.ts'
import { type Descriptor, parseImageJson } from './image-json.ts'
import { invalidImage } from './invalid-image.ts'
import { type Platform, matchesPlatform, platformText } from './platform.ts'
import { parseReference, tagName } from './reference.ts'

export const ociIndexFile = 'index.json'

const indexTypes = new Set(['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'])
const manifestTypes = new Set(['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'])
const configTypes = new Set(['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'])
const maxDepth = 4

/** One image for every name (or nameless entry) of index.json that has one for the platform. @throws invalid-image, platform-unsupported */
export async function readOciLayout(files: ArchiveFiles, wanted: Platform): Promise<readonly SourceImage[]> {
  const index = parseImageJson('ociIndex', await files.read(ociIndexFile), ociIndexFile)
  const found: { readonly descriptor: Descriptor, readonly references: readonly string[] }[] = []
  const offered: string[] = []
  for (const descriptor of index.manifests) {
    const manifests = await manifestsBelow(files, descriptor, 0)
    // A platform may be left out, in the descriptor of a single manifest above all.
    const match = manifests.find(({ platform }) => platform === undefined || platform === null || matchesPlatform(wanted, platform))
    offered.push(...manifests.flatMap(({ platform }) => platform === undefined || platform === null ? [] : [platformText(platform)]))
    if (match !== undefined) found.push({ descriptor: match, references: referencesOf(descriptor) })
  }
  const images: SourceImage[] = []
  for (const { descriptor, references } of found) {
    const image = await readManifest(files, descriptor, references)
    if (image !== undefined) images.push(image)
  }
  if (images.length > 0) return images
  if (offered.length === 0) throw invalidImage(`${ociIndexFile}: has no image`)
  throw new TsnetError('platform-unsupported', `choose image: there is none for ${platformText(wanted)}, only for ${[...new Set(offered)].join(', ')}`,
    { data: { wanted: platformText(wanted), offered } })
}

/** Image manifests in order, through nested indexes; what is of another type is passed over, as the specification asks. */
async function manifestsBelow(files: ArchiveFiles, descriptor: Descriptor, depth: number): Promise<readonly Descriptor[]> {
  if (manifestTypes.has(descriptor.mediaType)) return [descriptor]
  if (!indexTypes.has(descriptor.mediaType)) return []
  if (depth >= maxDepth) throw invalidImage(`${blobPath(descriptor)}: indexes are nested more than ${maxDepth} deep`)
  const nested = parseImageJson('ociIndex', await readBlob(files, descriptor), blobPath(descriptor))
  const lists: Descriptor[] = []
  for (const child of nested.manifests) lists.push(...await manifestsBelow(files, child, depth + 1))
  return lists
}

async function readManifest(files: ArchiveFiles, descriptor: Descriptor, references: readonly string[]): Promise<SourceImage | undefined> {
  const path = blobPath(descriptor)
  const manifest = parseImageJson('ociManifest', await readBlob(files, descriptor), path)
  if (!configTypes.has(manifest.config.mediaType)) return undefined
  const config = await readBlob(files, manifest.config)
  const { diffIds } = parseImageConfig(config, blobPath(manifest.config))
  if (manifest.layers.length !== diffIds.length) {
    throw invalidImage(`${path}: has ${manifest.layers.length} layers where its configuration has ${diffIds.length}`)
  }
  return {
    references, config,
    layers: manifest.layers.map(layer => ({
      name: blobPath(layer), open: () => files.open(blobPath(layer)), ...isDigest(layer.digest) ? { digest: layer.digest } : {},
    })),
    ...isDigest(descriptor.digest) ? { manifestDigest: descriptor.digest } : {},
  }
}

async function readBlob(files: ArchiveFiles, descriptor: Descriptor): Promise<Buffer> {
  const path = blobPath(descriptor)
  const data = await files.read(path)
  if (data.length !== descriptor.size) throw invalidImage(`${path}: has ${data.length} bytes instead of ${descriptor.size}`)
  if (digestOf(data) !== descriptor.digest) throw invalidImage(`${path}: the content is not that of its digest`)
  return data
}

function blobPath({ digest }: Descriptor): string {
  return `blobs/${digest.replace(':', '/')}`
}

/**
 * containerd's annotation is a full name. The specification's own is a name or only a tag, and nothing tells which: a bare word that looks
 * like a version, or `latest`, is a tag, and leaves the image without a name.
 */
function referencesOf({ annotations }: Descriptor): readonly string[] {
  const name = annotations?.['io.containerd.image.name'] ?? annotations?.['org.opencontainers.image.ref.name']
  if (name === undefined || /^(latest|v?[0-9][^:/]*)$/.test(name)) return []
  const reference = parseReference(name)
  return reference.tag === undefined ? [] : [tagName(reference)]
}
