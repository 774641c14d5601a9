/**
 * Named volumes: a record each, and the folder ROOT/volumes/NAME/_data.
 *
 * The record decides: a folder without one is nothing, and a record without a folder gets it at the next use. Removal moves the folder out
 * of the way in the same write transaction that deletes the record, so that a new volume of the same name never meets old data; what was
 * moved is deleted afterwards, or by the next call if this process dies.
 */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { TsnetError } from '../../errors/error.ts'
import { isErrno } from '../../kernel/error.ts'
import { makeFolder } from '../../kernel/folder.ts'
import { randomHex } from '../../kernel/random.ts'
import type { ReadTransaction, Store, Transaction } from '../../store/store.ts'
import { diskUsage } from '../files/disk-usage.ts'
import type { RootFilesystem } from '../init/start-api.ts'
import { viewOf } from '../rootfs/container-root.ts'
import type { ContainerRecord } from '../types.ts'
import { fillVolume } from './fill.ts'
import { type VolumeRecord, checkVolumeName, randomVolumeName } from './volume.ts'

export interface VolumeFill {
  readonly root: RootFilesystem
  /** Where it will be mounted: what the root has there is copied into a fresh volume. */
  readonly target: string
  readonly anonymous: boolean
}

export interface NewVolume {
  /** Absent: a random one, and the volume counts as anonymous. */
  readonly name?: string
  readonly labels?: Readonly<Record<string, string>>
}

export interface VolumePrune { readonly all: boolean, readonly accepts?: (volume: VolumeRecord) => boolean }
export interface PrunedVolumes { readonly names: readonly string[], readonly reclaimedBytes: number }

export class VolumeStore {
  readonly #store: Store
  readonly #folder: string

  /** `root`: tsnet's state folder, ROOT. */
  constructor(store: Store, root: string) {
    this.#store = store
    this.#folder = join(root, 'volumes')
  }

  /** The volume of that name as it is, if there is one. @throws invalid-name */
  create({ name, labels = {} }: NewVolume): VolumeRecord {
    const wanted = { name: checkVolumeName(name ?? randomVolumeName()), labels, anonymous: name === undefined }
    const volume = this.#store.write(tx => findOrCreate(tx, wanted))
    makeFolder(this.pathOf(volume.name), 0o755)
    this.#sweep()
    return volume
  }

  /** By name. */
  list(): readonly VolumeRecord[] {
    return this.#store.read(tx => tx.table<VolumeRecord>('volumes').list()).toSorted((a, b) => a.name < b.name ? -1 : 1)
  }

  /** @throws volume-not-found */
  get(name: string): VolumeRecord {
    return this.#store.read(tx => tx.table<VolumeRecord>('volumes').get(name)) ?? notFound(name)
  }

  /** The folder of a volume, whether it exists or not. @throws invalid-name */
  pathOf(name: string): string {
    return join(this.#folder, checkVolumeName(name), '_data')
  }

  /** The folder of a volume that a container is about to mount; a fresh one gets what the container's root has there. @throws invalid-name */
  async ensure(name: string, { root, target, anonymous }: VolumeFill): Promise<string> {
    checkVolumeName(name)
    this.#store.write(tx => findOrCreate(tx, { name, labels: {}, anonymous }))
    const path = this.pathOf(name)
    makeFolder(path, 0o755)
    await fillVolume(path, viewOf(root), target)
    return path
  }

  /** An anonymous volume at the end of its container. Absent is success; one that another container uses by name stays. */
  remove(name: string): Promise<void> {
    return Promise.try(() => { this.#remove(tx => usersOf(tx, name, { owners: false }).length === 0 ? [name] : []) })
  }

  /** What the user asks for. @throws volume-not-found unless `force`, volume-in-use naming the containers */
  delete(name: string, options: { readonly force: boolean }): void {
    this.#remove(tx => {
      if (tx.table<VolumeRecord>('volumes').get(name) === undefined) return options.force ? [] : notFound(name)
      const users = usersOf(tx, name, { owners: true })
      if (users.length === 0) return [name]
      throw new TsnetError('volume-in-use', `remove volume "${name}": it is used by ${users.length > 1 ? 'containers' : 'container'} `
        + users.map(user => `"${user}"`).join(', '), { data: { name, containers: users } })
    })
  }

  /** Removes what no container uses and `accepts` takes: anonymous volumes, with `all` named ones too. */
  prune({ all, accepts = () => true }: VolumePrune): PrunedVolumes {
    let reclaimedBytes = 0
    const choose = (tx: Transaction): readonly string[] => tx.table<VolumeRecord>('volumes').list()
      .filter(volume => (all || volume.anonymous) && usersOf(tx, volume.name, { owners: true }).length === 0 && accepts(volume))
      .map(volume => volume.name)
    const names = this.#remove(choose, folder => { reclaimedBytes += diskUsage(folder) })
    return { names, reclaimedBytes }
  }

  /** `told` of the folders to be deleted, while they are still there. */
  #remove(choose: (tx: Transaction) => readonly string[], told: (folder: string) => void = () => undefined): readonly string[] {
    const { names, folders } = this.#store.write(tx => {
      const chosen = choose(tx)
      return {
        names: chosen,
        folders: chosen.map(name => {
          tx.table('volumes').delete(name)
          return this.#moveAway(name)
        }),
      }
    })
    folders.forEach(told)
    this.#sweep()
    return names
  }

  #moveAway(name: string): string {
    const folder = join(this.#folder, `${removedPrefix}${randomHex(8)}`)
    try {
      renameSync(join(this.#folder, checkVolumeName(name)), folder)
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error
    }
    return folder
  }

  /** No name of a volume begins with a dot. */
  #sweep(): void {
    if (!existsSync(this.#folder)) return
    for (const name of readdirSync(this.#folder)) {
      if (name.startsWith(removedPrefix)) rmSync(join(this.#folder, name), { recursive: true, force: true })
    }
  }
}

const removedPrefix = '.old-'

function findOrCreate(tx: Transaction, wanted: Omit<VolumeRecord, 'createdAt'>): VolumeRecord {
  const volumes = tx.table<VolumeRecord>('volumes')
  const existing = volumes.get(wanted.name)
  if (existing !== undefined) return existing
  const volume = { ...wanted, createdAt: new Date().toISOString() }
  volumes.insert({ id: wanted.name, name: wanted.name }, volume)
  return volume
}

/** Names of the containers that mount the volume; without `owners`, those it was made for are left out. */
function usersOf(tx: ReadTransaction, name: string, { owners }: { readonly owners: boolean }): readonly string[] {
  return tx.table<ContainerRecord>('containers').list()
    .filter(({ mounts, anonymousVolumes }) => mounts.some(({ kind, source }) => kind === 'volume' && source === name)
      && (owners || !anonymousVolumes.includes(name)))
    .map(container => container.name)
}

function notFound(name: string): never {
  throw new TsnetError('volume-not-found', `find volume "${name}": there is none; \`tsnet volume ls\` lists them`, { data: { name } })
}
