/** What the container lifecycle is built on, on this host. */
import { readFileSync } from 'node:fs'
import type { NetworkController } from '../cnm/controller-api.ts'
import type { Cgroups } from '../runtime/cgroups/manager.ts'
import type { ContainerDependencies, Owner } from '../runtime/container/dependencies.ts'
import { hostProcesses } from '../runtime/container/processes.ts'
import { shimPorts } from '../runtime/container/shim-ports.ts'
import type { HostFiles } from '../runtime/files/container-files.ts'
import type { ImageStore } from '../runtime/images/image-store.ts'
import { execInContainer } from '../runtime/init/exec.ts'
import { startWithRuntime } from '../runtime/init/oci-runtime.ts'
import { explainProgram, startContainer } from '../runtime/init/start.ts'
import type { Roots } from '../runtime/paths.ts'
import { RootStore } from '../runtime/rootfs/root-store.ts'
import { resolveUser } from '../runtime/user.ts'
import type { VolumeStore } from '../runtime/volumes/volume-store.ts'
import type { Store } from '../store/store.ts'
import { resolverAddresses } from './resolver/places.ts'

export interface HostParts {
  readonly roots: Roots
  readonly store: Store
  readonly networks: NetworkController
  readonly images: ImageStore
  readonly volumes: VolumeStore
  readonly cgroups: Cgroups
  readonly owner: Owner
  readonly bootId: string
  readonly processors: number
  readonly hostname: () => string
  /** Whether there is somebody to ask for the names of a network. */
  readonly hasResolver: boolean
  readonly now: () => string
  /** Told of every system call of a container's start, before it begins. */
  readonly trace?: (line: string) => void
}

export function containerDependencies(parts: HostParts): ContainerDependencies {
  const { roots, images, cgroups } = parts
  const { processors, trace, hasResolver, ...rest } = parts
  return {
    ...rest,
    images: { find: ref => images.getRunnable(ref) },
    rootfs: new RootStore(roots, images),
    processes: hostProcesses, ports: shimPorts,
    start: request => {
      if (trace !== undefined) for (const line of explainProgram(request)) trace(line)
      return startContainer(request)
    },
    startWith: startWithRuntime,
    exec: execInContainer,
    resolveUser,
    hostFacts: {
      architecture: process.arch === 'arm64' ? 'arm64' : 'x64',
      processors,
      limits: readFileSync('/proc/self/limits', 'utf8'),
      cgroupNamespace: cgroups.mode === 'v2',
      confinesDevices: cgroups.confinesDevices,
    },
    hostFiles: readHostFiles,
    resolvers: attachment => hasResolver ? resolverAddresses(attachment) : [],
    cleanupCommand: id => [process.execPath, process.argv[1] ?? '', '--root', roots.root, '--run-root', roots.runRoot, 'internal', 'cleanup', id],
  }
}

function readHostFiles(): HostFiles {
  return {
    hosts: readIfThere('/etc/hosts'),
    resolvConf: readIfThere('/etc/resolv.conf'),
    resolvedConf: readIfThere('/run/systemd/resolve/resolv.conf'),
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}
