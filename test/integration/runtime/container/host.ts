/**
 * The container lifecycle on the real kernel: start, cgroups, store, volumes and root file systems are the product's; only the
 * network is the host's own, so that what goes wrong here is no network's fault. The fixtures beside this file build the same
 * from the environment.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { NetworkController } from '../../../../cnm/controller-api.ts'
import { bootId } from '../../../../kernel/boot.ts'
import { acquireOwnerLock, isOwnerAlive } from '../../../../kernel/lock.ts'
import type { KernelObserver } from '../../../../objects/family.ts'
import { parseCgroupLayout } from '../../../../runtime/cgroups/layout.ts'
import { type Cgroups, openCgroups } from '../../../../runtime/cgroups/manager.ts'
import { hostProcesses } from '../../../../runtime/container/processes.ts'
import { shimPorts } from '../../../../runtime/container/shim-ports.ts'
import { createContainerService } from '../../../../runtime/container/service.ts'
import type { ContainerService } from '../../../../runtime/container-service-api.ts'
import { ImageStore } from '../../../../runtime/images/image-store.ts'
import { LayerStore } from '../../../../runtime/images/layer-store.ts'
import { execInContainer } from '../../../../runtime/init/exec.ts'
import { startContainer } from '../../../../runtime/init/start.ts'
import type { Roots } from '../../../../runtime/paths.ts'
import { RootStore } from '../../../../runtime/rootfs/root-store.ts'
import type { ContainerSpec } from '../../../../runtime/types.ts'
import { resolveUser } from '../../../../runtime/user.ts'
import { VolumeStore } from '../../../../runtime/volumes/volume-store.ts'
import { openStore } from '../../../../store/store.ts'
import { busyboxTree } from '../../../helpers/busybox-image.ts'
import { type Snapshot, takeSnapshot } from '../../../helpers/snapshot.ts'

export interface Containers extends Disposable { readonly service: ContainerService, readonly cgroups: Cgroups }

/** `observer` is told of every call of a part, before and after it. */
export function openContainers(roots: Roots, observer?: KernelObserver): Containers {
  const observed = <T extends object>(name: string, part: T): T => observer === undefined ? part : observe(name, part, observer)
  const store = openStore(roots.root)
  const lock = acquireOwnerLock(roots.runRoot)
  const images = new ImageStore(store, new LayerStore(roots.root))
  const cgroups = noting(roots, openCgroups(parseCgroupLayout(readFileSync('/proc/self/mountinfo', 'utf8'))))
  const service = createContainerService({
    roots, store: observed('store', store), cgroups: observed('cgroups', cgroups), networks: observed('networks', hostNetwork),
    processes: hostProcesses, ports: shimPorts, bootId: bootId(),
    images: { find: ref => images.getRunnable(ref) },
    rootfs: observed('rootfs', new RootStore(roots, images)),
    volumes: observed('volumes', new VolumeStore(store, roots.root)),
    owner: { name: lock.name, isAlive: name => isOwnerAlive(roots.runRoot, name) },
    start: observed('start', { startContainer }).startContainer, exec: execInContainer, resolveUser,
    hostFacts: {
      architecture: process.arch === 'arm64' ? 'arm64' : 'x64', processors: availableParallelism(),
      limits: readFileSync('/proc/self/limits', 'utf8'), cgroupNamespace: cgroups.mode === 'v2',
      confinesDevices: cgroups.confinesDevices,
    },
    hostFiles: () => ({ hosts: '127.0.0.1\tlocalhost\n', resolvConf: 'nameserver 192.0.2.53\n', resolvedConf: '' }),
    hostname: () => 'the-host',
    resolvers: () => [],
    cleanupCommand: id => [process.execPath, fixture('cleanup.fixture.ts'), id],
    now: () => new Date().toISOString(),
  })
  return {
    service, cgroups,
    [Symbol.dispose]() {
      lock.release()
      store.close()
    },
  }
}

/** Notes whose groups are made, by whichever process: see `ownSnapshot`. */
function noting(roots: Roots, cgroups: Cgroups): Cgroups {
  return new Proxy(cgroups, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key)
      if (typeof method !== 'function') return method
      return (...args: unknown[]): unknown => {
        if (key === 'create') appendFileSync(join(roots.root, 'made-cgroups'), `${String(args[0])}\n`)
        return Reflect.apply(method, target, args)
      }
    },
  })
}

/** A snapshot without the cgroups of others: those file systems are the machine's, whatever namespaces a test has. */
export async function ownSnapshot(roots: Roots, folders: readonly string[] = []): Promise<Snapshot> {
  const snapshot = await takeSnapshot(folders)
  const notes = join(roots.root, 'made-cgroups')
  const ids = existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : []
  return { ...snapshot, cgroups: (snapshot.cgroups ?? []).filter(line => ids.some(id => line.includes(id))) }
}

/** The same object, whose methods tell the observer that they begin and that they have succeeded. */
function observe<T extends object>(name: string, part: T, observer: KernelObserver): T {
  return new Proxy(part, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key)
      if (typeof method !== 'function') return method
      return (...args: unknown[]): unknown => {
        observer(`${name}.${String(key)} begins`)
        const result: unknown = Reflect.apply(method, target, args)
        const ended = (value: unknown): unknown => {
          observer(`${name}.${String(key)} ended`)
          return value
        }
        return result instanceof Promise ? result.then(ended) : ended(result)
      }
    },
  })
}

const deadlineMs = 15_000

/** Holds within seconds: the shim of a killed command becomes a cleanup process, whose end nobody here is told of. */
export async function eventually(assert: () => Promise<void>): Promise<void> {
  for (const end = Date.now() + deadlineMs; ; await delay(50)) {
    try {
      return await assert()
    } catch (error) {
      if (Date.now() > end) throw error
    }
  }
}

export function fixture(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

/** A folder with busybox in it, for `--rootfs`. */
export async function busyboxRoot(roots: Roots): Promise<string> {
  const path = join(roots.root, 'busybox')
  mkdirSync(path)
  await busyboxTree(path)
  return path
}

export function specOf(rootfs: string, script: string, change: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    rootfs, command: ['/bin/sh', '-c', script], env: [], labels: {}, network: { mode: 'host' }, ports: [], publishAll: false,
    dns: [],
    dnsSearch: [], dnsOptions: [], extraHosts: [], readOnly: false, mounts: [], limits: {}, autoRemove: false, detach: false,
    interactive: false, tty: false, noNewPrivileges: false, ...change,
  }
}

/** Every container is in the namespace of the host. */
const hostNetwork = {
  createSandbox: ({ id }) => Promise.resolve({
    sandbox: { id, state: 'ready', owner: '', bootId: '', objects: [], driver: 'host' }, endpoints: [], heldPorts: [],
    warnings: [],
  }),
  deleteSandbox: () => Promise.resolve(),
  releaseAddresses: () => undefined,
  findSandbox: () => undefined,
} as Partial<NetworkController> as NetworkController
