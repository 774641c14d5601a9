/**
 * The cgroups of containers: `tsnet/ID` in every hierarchy of the host, with limits; made before the start, removed after the
 * end.
 *
 * The shim gets no groups of its own: it goes to the root of every hierarchy, out of the caller's, where nothing has to be
 * removed. Removal is idempotent and takes empty parents along. Limits that this kernel cannot give are an error, never dropped
 * silently. Not provable on a host without v2 controllers: limits on v2; devices on v2 need BPF programs and are not confined
 * (`confinesDevices`).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { TsnetError, isTsnetError } from '../../errors/error.ts'
import { fileReason, folderReason } from '../../errors/file-reason.ts'
import { monotonicMs } from '../../kernel/clock.ts'
import type { CgroupDirectories } from '../init/start-api.ts'
import type { OciResources } from '../oci-spec.ts'
import {
  createDirectory, enableControllers, fillCpuset, isErrno, processesOf, removeDirectory, removeIfEmpty,
} from './directory.ts'
import type { CgroupHierarchy, CgroupLayout } from './layout.ts'
import { type CgroupSetting, oomKillsOf, settingsV1, settingsV2 } from './settings.ts'

const parent = 'tsnet'
const v2Controllers = ['cpuset', 'cpu', 'io', 'memory', 'pids']

export interface Cgroups {
  readonly mode: CgroupLayout['mode']
  /** True where device rules hold (v1). Elsewhere a container must not be able to make device nodes. */
  readonly confinesDevices: boolean
  /** OCI `cgroupsPath`: relative to the root of every hierarchy. */
  pathOf(id: string): string
  /** All or nothing. @throws kernel-feature-missing naming the limit that cannot be set */
  create(id: string, resources: OciResources): Promise<CgroupDirectories>
  /** Where the processes of a container are, whether the groups exist or not. */
  directoriesOf(id: string): CgroupDirectories
  /** Where a shim goes. */
  shimDirectories(): CgroupDirectories
  /** True if the kernel killed a process of the container for want of memory; false once its groups are removed. */
  wasOomKilled(id: string): boolean
  /** SIGKILL to everything in the container's groups; returns when none is left. */
  killAll(id: string): Promise<void>
  remove(id: string): Promise<void>
}

export function openCgroups(layout: CgroupLayout): Cgroups {
  return new HostCgroups(layout)
}

class HostCgroups implements Cgroups {
  readonly mode: CgroupLayout['mode']
  readonly confinesDevices: boolean
  readonly #hierarchies: readonly CgroupHierarchy[]

  constructor(layout: CgroupLayout) {
    this.mode = layout.mode
    this.#hierarchies = layout.hierarchies
    this.confinesDevices = layout.hierarchies.some(hierarchy => hierarchy.controllers.includes('devices'))
  }

  pathOf(id: string): string {
    return `/${parent}/${id}`
  }

  async create(id: string, resources: OciResources): Promise<CgroupDirectories> {
    try {
      for (const hierarchy of this.#hierarchies) createGroup(hierarchy, [parent, id])
      this.#applyLimits(id, resources)
    } catch (error) {
      await this.remove(id)
      throw error
    }
    return this.directoriesOf(id)
  }

  directoriesOf(id: string): CgroupDirectories {
    return this.#toDirectories(hierarchy => groupPath(hierarchy, id))
  }

  shimDirectories(): CgroupDirectories {
    return this.#toDirectories(hierarchy => {
      // A real v2 root has no cgroup.type and may hold processes; the root that a container sees may not.
      const nested = hierarchy.version === 2 && existsSync(`${hierarchy.mountpoint}/cgroup.type`)
      return nested ? createGroup(hierarchy, [parent, 'shims']) : hierarchy.mountpoint
    })
  }

  wasOomKilled(id: string): boolean {
    return this.#hierarchies.some(hierarchy => {
      const path = `${groupPath(hierarchy, id)}/${hierarchy.version === 1 ? 'memory.oom_control' : 'memory.events'}`
      return existsSync(path) && oomKillsOf(readFileSync(path, 'utf8')) > 0
    })
  }

  async killAll(id: string): Promise<void> {
    for (const hierarchy of this.#hierarchies.filter(one => one.version === 2)) {
      const file = `${groupPath(hierarchy, id)}/cgroup.kill`
      if (existsSync(file)) writeFileSync(file, '1')
    }
    const deadline = monotonicMs() + killTimeoutMs
    for (let wait = 1; ; wait = Math.min(wait * 2, 64)) {
      const pids = new Set(this.#hierarchies.flatMap(hierarchy => processesOf(groupPath(hierarchy, id))))
      if (pids.size === 0) return
      if (monotonicMs() > deadline) {
        throw new TsnetError('timeout', `kill container ${id.slice(0, 12)}: processes ${[...pids].join(', ')} do not die`)
      }
      for (const pid of pids) killProcess(pid)
      await delay(wait)
    }
  }

  async remove(id: string): Promise<void> {
    const errors: unknown[] = []
    for (const hierarchy of this.#hierarchies) {
      try {
        await removeDirectory(groupPath(hierarchy, id))
        removeIfEmpty(`${hierarchy.mountpoint}/${parent}`)
      } catch (error) {
        errors.push(error)
      }
    }
    const [first] = errors
    if (first === undefined) return
    throw new TsnetError('kernel-error', `remove cgroups of container ${id.slice(0, 12)}: ${fileReason(first)}`, { cause: errors.length > 1 ? new AggregateError(errors) : first })
  }

  #toDirectories(pathOf: (hierarchy: CgroupHierarchy) => string): CgroupDirectories {
    const v1 = this.#hierarchies.filter(hierarchy => hierarchy.version === 1).map(pathOf)
    const v2 = this.#hierarchies.filter(hierarchy => hierarchy.version === 2).map(pathOf)[0]
    return { v1, ...v2 === undefined ? {} : { v2 } }
  }

  #applyLimits(id: string, resources: OciResources): void {
    const v1 = this.mode !== 'v2'
    for (const setting of v1 ? settingsV1(resources) : settingsV2(resources)) {
      const path = this.#settingPath(id, setting)
      if (path !== undefined) writeSetting(path, setting)
      else if (!setting.optional && setting.controller !== 'devices') throw missingController(setting)
    }
  }

  #settingPath(id: string, setting: CgroupSetting): string | undefined {
    const paths = this.#hierarchies
      .filter(hierarchy => hierarchy.version === 2 ? this.mode === 'v2' : hierarchy.controllers.includes(setting.controller))
      .map(hierarchy => `${groupPath(hierarchy, id)}/${setting.file}`)
    return paths.find(path => existsSync(path))
  }
}

const killTimeoutMs = 10_000

/** Not by `join`, which normalizes from the first character, here a hundred times a start. */
function groupPath(hierarchy: CgroupHierarchy, id: string): string {
  return `${hierarchy.mountpoint}/${parent}/${id}`
}

function createGroup(hierarchy: CgroupHierarchy, parts: readonly string[]): string {
  const leaf = [hierarchy.mountpoint, ...parts].join('/')
  try {
    if (hierarchy.version === 2) enableControllers(hierarchy.mountpoint, v2Controllers)
    return createDirectory(hierarchy.mountpoint, parts, path => {
      if (hierarchy.controllers.includes('cpuset')) fillCpuset(path)
      if (hierarchy.version === 2 && path !== leaf) enableControllers(path, v2Controllers)
    })
  } catch (cause) {
    if (isTsnetError(cause)) throw cause
    const remedy = isErrno(cause, 'EROFS') ? '; in a container, have /sys/fs/cgroup mounted writable there (for Docker: --privileged)' : ''
    throw new TsnetError('kernel-error', `make cgroup "${leaf}": ${folderReason(cause)}${remedy}`, { cause, data: { path: leaf } })
  }
}

function writeSetting(path: string, setting: CgroupSetting): void {
  try {
    writeFileSync(path, setting.value)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TsnetError('kernel-error', `set ${setting.file} to "${setting.value}": ${reason}`, { cause, data: { path, value: setting.value } })
  }
}

function missingController(setting: CgroupSetting): TsnetError {
  return new TsnetError('kernel-feature-missing',
    `limit container: this host has no cgroup controller "${setting.controller}" (${setting.file})`, { data: { ...setting } })
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error
  }
}
