/** Cgroup directories for a test, in every v1 hierarchy and in v2, under a name of its own, and their removal. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import type { CgroupDirectories } from '../../../../runtime/init/start-api.ts'

const mountPoint = '/sys/fs/cgroup'

export interface CgroupFixture extends AsyncDisposable {
  readonly directories: CgroupDirectories
}

export function createCgroups(name: string): CgroupFixture {
  const hierarchies = readdirSync(mountPoint).filter(hierarchy => existsSync(`${mountPoint}/${hierarchy}/cgroup.procs`))
  const v1 = hierarchies.filter(hierarchy => hierarchy !== 'unified').map(hierarchy => `${mountPoint}/${hierarchy}/${name}`)
  const v2 = hierarchies.length === 0 ? `${mountPoint}/${name}` : hierarchies.includes('unified') ? `${mountPoint}/unified/${name}` : undefined
  const all = [...v1, ...v2 === undefined ? [] : [v2]]
  for (const directory of all) {
    mkdirSync(directory, { recursive: true })
    // An empty cpuset cannot be joined.
    for (const file of ['cpuset.cpus', 'cpuset.mems'].filter(() => directory.startsWith(`${mountPoint}/cpuset/`))) {
      writeFileSync(`${directory}/${file}`, readFileSync(`${directory}/../${file}`))
    }
  }
  return {
    directories: { v1, ...v2 === undefined ? {} : { v2 } },
    [Symbol.asyncDispose]: async () => { for (const directory of all) await removeCgroup(directory) },
  }
}

/** rmdir says EBUSY until the last task is gone, which is an instant after its end was told. */
export async function removeCgroup(directory: string): Promise<void> {
  for (;;) {
    try {
      rmdirSync(directory)
      return
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'ENOENT') return
      if (code !== 'EBUSY') throw error
      await new Promise(resolve => { setImmediate(resolve) })
    }
  }
}
