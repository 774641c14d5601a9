/**
 * The OCI specification of a container: Docker's defaults and what was asked for, as plain data.
 *
 * It is what tsnet's own start and `--runtime=runc` are both given, so that the second can be the oracle of the first. Pure:
 * every fact of the host comes in with `SpecInput`.
 */
import type { OciMount, OciNamespace, OciProcess, OciSpec } from '../oci-spec.ts'
import type { Limits, TerminalSize } from '../types.ts'
import { capabilitySets, defaultCapabilities } from './capabilities.ts'
import { deviceRules } from './devices.ts'
import { withHome } from './environment.ts'
import { orderMounts } from './mounts.ts'
import { maskedPaths, readonlyPaths } from './protected-paths.ts'
import { defaultRlimits } from './rlimits.ts'
import { type Architecture, defaultSeccomp } from './seccomp.ts'

/** What `resolveUser` found in the image's /etc/passwd and /etc/group. */
export interface ProcessUser {
  readonly uid: number
  readonly gid: number
  readonly additionalGids: readonly number[]
  readonly home: string
}

export interface HostFacts {
  readonly architecture: Architecture
  readonly processors: number
  /** The text of /proc/self/limits. */
  readonly limits: string
  /** Only on a pure v2 host has a container a cgroup namespace of its own, as with Docker. */
  readonly cgroupNamespace: boolean
  /** False where no device rules hold: then a container goes without CAP_MKNOD, which would open the host's disks to it. */
  readonly confinesDevices: boolean
}

export interface ProcessInput {
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly cwd: string
  readonly user: ProcessUser
  readonly tty: boolean
  readonly size?: TerminalSize
  readonly noNewPrivileges: boolean
}

export interface SpecInput {
  readonly process: ProcessInput
  readonly host: HostFacts
  readonly root: { readonly path: string, readonly readonly: boolean }
  readonly hostname: string
  /** The managed files and the volumes; a mount here takes the place of a default one with the same destination. */
  readonly mounts: readonly OciMount[]
  readonly limits: Limits
  readonly cgroupsPath: string
  /** Path of the network namespace; absent: the host's. */
  readonly netns?: string
  readonly annotations: Readonly<Record<string, string>>
}

export function buildSpec(input: SpecInput): OciSpec {
  const seccomp = defaultSeccomp(grantedCapabilities(input.host), input.host.architecture)
  return {
    ociVersion: '1.0.2',
    process: buildProcess(input.process, input.host),
    root: input.root,
    hostname: input.hostname,
    mounts: orderMounts(input.mounts),
    annotations: input.annotations,
    linux: {
      namespaces: namespaces(input),
      cgroupsPath: input.cgroupsPath,
      resources: resources(input.limits),
      seccomp,
      maskedPaths: maskedPaths(input.host.processors),
      readonlyPaths,
      rootfsPropagation: 'rprivate',
    },
  }
}

/** The process of a container, or of an `exec` in one. */
export function buildProcess(input: ProcessInput, host: HostFacts): OciProcess {
  const { uid, gid, additionalGids, home } = input.user
  return {
    terminal: input.tty,
    ...input.tty && input.size !== undefined ? { consoleSize: { height: input.size.rows, width: input.size.columns } } : {},
    user: { uid, gid, ...additionalGids.length > 0 ? { additionalGids } : {} },
    args: input.args,
    env: withHome(input.env, home),
    cwd: input.cwd,
    capabilities: capabilitySets(uid, grantedCapabilities(host)),
    rlimits: defaultRlimits(host.limits),
    noNewPrivileges: input.noNewPrivileges,
  }
}

export function grantedCapabilities(host: HostFacts): readonly string[] {
  return host.confinesDevices ? defaultCapabilities : defaultCapabilities.filter(name => name !== 'CAP_MKNOD')
}

function namespaces(input: SpecInput): readonly OciNamespace[] {
  return [
    { type: 'mount' }, { type: 'uts' }, { type: 'pid' }, { type: 'ipc' },
    ...input.netns === undefined ? [] : [{ type: 'network', path: input.netns } as const],
    ...input.host.cgroupNamespace ? [{ type: 'cgroup' } as const] : [],
  ]
}

const cpuPeriodUs = 100_000

/** As Docker, memory with swap is twice the memory unless told otherwise. */
function resources(limits: Limits): NonNullable<OciSpec['linux']['resources']> {
  const { memoryBytes, cpuQuotaUs, pids } = limits
  return {
    devices: deviceRules,
    ...memoryBytes === undefined ? {} : { memory: { limit: memoryBytes, swap: memoryBytes * 2 } },
    ...cpuQuotaUs === undefined ? {} : { cpu: { quota: cpuQuotaUs, period: cpuPeriodUs } },
    ...pids === undefined ? {} : { pids: { limit: pids } },
  }
}
