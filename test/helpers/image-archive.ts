/** Image archives of every form, byte by byte: `docker save` old and new, OCI archive. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { type TarBytesEntry, tarBytes } from './tar-bytes.ts'

export interface ImageParts {
  /** Uncompressed layer archives, base first. */
  readonly layers: readonly Buffer[]
  readonly config?: Readonly<Record<string, unknown>>
  readonly architecture?: string
  readonly names?: readonly string[]
}

const hexOf = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
export const sha256 = (data: string | Buffer): `sha256:${string}` => `sha256:${hexOf(data)}`

/** The configuration; its digest is the image's id. */
export function configOf({ layers, config = {}, architecture = 'amd64' }: ImageParts): Buffer {
  return Buffer.from(JSON.stringify({
    architecture, os: 'linux', created: '2024-05-06T07:08:09Z', config, rootfs: { type: 'layers', diff_ids: layers.map(sha256) },
  }))
}

/** Docker up to 24: ID/layer.tar, a repeated layer as a link, manifest.json last. */
export function dockerSaveOld(parts: ImageParts): Buffer {
  const config = configOf(parts)
  const entries: TarBytesEntry[] = []
  const first = new Map<string, string>()
  const paths = parts.layers.map((layer, i) => {
    const path = `${String(i).repeat(64)}/layer.tar`
    const earlier = first.get(hexOf(layer))
    entries.push({ name: `${String(i).repeat(64)}/`, type: '5' }, { name: `${String(i).repeat(64)}/VERSION`, content: '1.0' })
    if (earlier === undefined) entries.push({ name: path, content: layer })
    else entries.push({ name: path, type: '2', link: `../${earlier}` })
    first.set(hexOf(layer), path)
    return path
  })
  const manifest = [{ Config: `${hexOf(config)}.json`, RepoTags: parts.names ?? null, Layers: paths }]
  return tarBytes({ name: `${hexOf(config)}.json`, content: config }, ...entries, { name: 'manifest.json', content: JSON.stringify(manifest) })
}

/** Docker since 25: an OCI layout with manifest.json. */
export function dockerSaveNew(parts: ImageParts): Buffer {
  const config = configOf(parts)
  const manifest = [{
    Config: `blobs/sha256/${hexOf(config)}`, RepoTags: parts.names ?? null, Layers: parts.layers.map(layer => `blobs/sha256/${hexOf(layer)}`),
  }]
  return tarBytes(...ociEntries([parts], { compress: false }), { name: 'manifest.json', content: JSON.stringify(manifest) })
}

/** An OCI archive of one image per platform, behind an index where there are several. */
export function ociArchive(images: readonly ImageParts[], options: { readonly nested?: boolean, readonly compress?: boolean } = {}): Buffer {
  return tarBytes(...ociEntries(images, { compress: true, ...options }))
}

interface Blob { readonly mediaType: string, readonly digest: string, readonly size: number }

function ociEntries(images: readonly ImageParts[], options: { readonly compress: boolean, readonly nested?: boolean }): readonly TarBytesEntry[] {
  const blobs = new Map<string, Buffer>()
  const add = (mediaType: string, data: Buffer): Blob => {
    blobs.set(hexOf(data), data)
    return { mediaType, digest: sha256(data), size: data.length }
  }
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
  const names = (parts: ImageParts): object =>
    parts.names?.[0] === undefined ? {} : { annotations: { 'org.opencontainers.image.ref.name': parts.names[0] } }
  const manifests = images.map(parts => ({
    ...add('application/vnd.oci.image.manifest.v1+json', json({
      schemaVersion: 2,
      config: add('application/vnd.oci.image.config.v1+json', configOf(parts)),
      layers: parts.layers.map(layer => options.compress
        ? add('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(layer)) : add('application/vnd.oci.image.layer.v1.tar', layer)),
    })),
    ...images.length > 1 || options.nested === true ? { platform: { os: 'linux', architecture: parts.architecture ?? 'amd64' } } : {},
  }))
  const [only] = images
  const listed = options.nested === true
    ? [{ ...add('application/vnd.oci.image.index.v1+json', json({ schemaVersion: 2, manifests })), ...only === undefined ? {} : names(only) }]
    : manifests.map((manifest, i) => ({ ...manifest, ...names(images[i] ?? { layers: [] }) }))
  return [
    { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
    { name: 'index.json', content: json({ schemaVersion: 2, manifests: listed }) },
    ...[...blobs].map(([hex, data]) => ({ name: `blobs/sha256/${hex}`, content: data })),
  ]
}
