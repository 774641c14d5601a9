/** The JSON documents of archives and registries, parsed and checked against their schemas; see schemas/ and schemas.generated.ts. */
import { invalidImage } from './invalid-image.ts'
import * as generated from './schemas.generated.ts'

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>> | null
  readonly platform?: { readonly os: string, readonly architecture: string, readonly variant?: string } | null
}
export interface OciIndex { readonly manifests: readonly Descriptor[] }
export interface OciManifest { readonly config: Descriptor, readonly layers: readonly Descriptor[] }
export type DockerArchiveManifest = readonly {
  readonly Config: string, readonly RepoTags?: readonly string[] | null, readonly Layers: readonly string[] | null
}[]
export interface ImageConfigJson {
  readonly architecture: string
  readonly os: string
  readonly variant?: string | null
  readonly created?: string | null
  readonly config?: ContainerConfigJson | null
  readonly rootfs: { readonly type: string, readonly diff_ids?: readonly string[] | null }
}
export interface ContainerConfigJson {
  readonly User?: string | null
  readonly ExposedPorts?: Readonly<Record<string, unknown>> | null
  readonly Env?: readonly string[] | null
  readonly Entrypoint?: readonly string[] | null
  readonly Cmd?: readonly string[] | null
  readonly Volumes?: Readonly<Record<string, unknown>> | null
  readonly WorkingDir?: string | null
  readonly Labels?: Readonly<Record<string, string>> | null
  readonly StopSignal?: string | null
}

interface Documents {
  readonly dockerArchiveManifest: DockerArchiveManifest
  readonly imageConfig: ImageConfigJson
  readonly ociIndex: OciIndex
  readonly ociManifest: OciManifest
}
interface Validator {
  (value: unknown): boolean
  errors?: readonly { readonly instancePath: string, readonly message?: string }[] | null
}

const validators: Readonly<Record<keyof Documents, Validator>> = generated

/** Documents larger than this are no manifests. */
export const maxJsonBytes = 8 * 1024 * 1024

/** The document `file`, of the given kind. @throws invalid-image with file, JSON pointer and reason */
export function parseImageJson<K extends keyof Documents>(kind: K, data: Buffer, file: string): Documents[K] {
  let value: unknown
  try {
    value = JSON.parse(data.toString('utf8'))
  } catch (cause) {
    // Without the parser's text, which quotes the content: the file may be one that the user must not see.
    throw invalidImage(`${file}: is not JSON`, { cause })
  }
  if (isDocument(kind, value)) return value
  const [error] = validators[kind].errors ?? []
  throw invalidImage(`${file}: ${error?.instancePath === '' ? '/' : error?.instancePath ?? ''} ${error?.message ?? 'is not valid'}`)
}

function isDocument<K extends keyof Documents>(kind: K, value: unknown): value is Documents[K] {
  return validators[kind](value)
}
