/** An image's configuration, read into what the rest of the runtime needs of it. Null and absent are the same. */
import { TsnetError } from '../../errors/error.ts'
import { type Digest, isDigest } from './digest.ts'
import type { ImageDefaults } from './image.ts'
import { type ContainerConfigJson, parseImageJson } from './image-json.ts'

export interface ImageConfig {
  readonly architecture: string
  readonly os: string
  readonly variant?: string
  readonly created: string
  /** Base first. */
  readonly diffIds: readonly Digest[]
  readonly defaults: ImageDefaults
}

/** @throws invalid-image; platform-unsupported for images of another system than Linux */
export function parseImageConfig(data: Buffer, file: string): ImageConfig {
  const json = parseImageJson('imageConfig', data, file)
  if (json.os !== 'linux') {
    throw new TsnetError('platform-unsupported', `read image configuration "${file}": the image is for ${json.os}, not for linux`,
      { data: { os: json.os } })
  }
  return {
    architecture: json.architecture,
    os: json.os,
    ...typeof json.variant === 'string' && json.variant !== '' ? { variant: json.variant } : {},
    created: readTime(json.created),
    diffIds: (json.rootfs.diff_ids ?? []).filter(isDigest),
    defaults: readDefaults(json.config ?? {}),
  }
}

export function readDefaults(config: ContainerConfigJson): ImageDefaults {
  return {
    entrypoint: config.Entrypoint ?? [],
    command: config.Cmd ?? [],
    env: config.Env ?? [],
    workdir: absolute(config.WorkingDir ?? ''),
    user: config.User ?? '',
    exposedPorts: Object.keys(config.ExposedPorts ?? {}).map(port => port.includes('/') ? port : `${port}/tcp`),
    volumes: [...new Set(Object.keys(config.Volumes ?? {}).map(absolute))],
    labels: config.Labels ?? {},
    stopSignal: config.StopSignal ?? '',
  }
}

/** Without `..` and doubled slashes, below `/`. */
function absolute(path: string): string {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return `/${names.join('/')}`
}

/** The time the image says it was made, as sortable text; the epoch where it says none. */
function readTime(created: string | null | undefined): string {
  const time = new Date(created ?? 0)
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString()
}
