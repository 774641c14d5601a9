/** A named volume, as stored and as `docker volume inspect` prints it. */
import { TsnetError } from '../../errors/error.ts'
import { randomHex } from '../../kernel/random.ts'

export interface VolumeRecord {
  readonly name: string
  readonly createdAt: string
  readonly labels: Readonly<Record<string, string>>
  /** Made for a container without a name of the user's; removed with it. */
  readonly anonymous: boolean
}

/** The label Docker gives anonymous volumes. */
const anonymousLabel = 'com.docker.volume.anonymous'
const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/
const maxName = 255

/** @throws invalid-name; a name of one letter is refused as Docker does, because `-v a:/b` is mostly a forgotten slash */
export function checkVolumeName(name: string): string {
  if (name.length <= maxName && namePattern.test(name)) return name
  throw new TsnetError('invalid-name', `create volume "${name}": a name has two or more characters, [a-zA-Z0-9][a-zA-Z0-9_.-]+`,
    { data: { name } })
}

export function randomVolumeName(): string {
  return randomHex(32)
}

export function inspectVolume(volume: VolumeRecord, mountpoint: string): Readonly<Record<string, unknown>> {
  const labels = volume.anonymous ? { [anonymousLabel]: '', ...volume.labels } : volume.labels
  return {
    CreatedAt: volume.createdAt,
    Driver: 'local',
    Labels: Object.keys(labels).length === 0 ? null : labels,
    Mountpoint: mountpoint,
    Name: volume.name,
    Options: null,
    Scope: 'local',
  }
}
