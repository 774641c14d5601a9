/** What a start has to know of the host, read once before the program is built, so that the builder stays pure. */
import { readFileSync, statSync } from 'node:fs'
import { TsnetError } from '../../errors/error.ts'
import { isErrno } from '../../kernel/error.ts'
import { prlimit } from '../../kernel/syscalls/process.ts'
import type { OciMount, OciProcess } from '../oci-spec.ts'
import type { Architecture } from './record.ts'
import { CAP_SYS_RESOURCE, hasCapability } from './sandbox/capabilities.ts'
import { limitNumber } from './sandbox/limits.ts'
import type { MountFacts } from './sandbox/mounts.ts'

export interface HostFacts extends MountFacts {
  readonly architecture: Architecture
  /** The permitted set of this process: what a container can be granted at all. */
  readonly permittedCapabilities: bigint
  /** The hard limits in force, by number, where this process may not raise them. */
  readonly limitCeilings: ReadonlyMap<number, bigint>
}

export interface FactsRequest { readonly process: OciProcess, readonly mounts: readonly OciMount[] }

/** @throws mount-source-not-found, platform-unsupported */
export function readFacts({ process: { rlimits = [] }, mounts }: FactsRequest): HostFacts {
  const permittedCapabilities = readPermitted()
  const raise = hasCapability(permittedCapabilities, CAP_SYS_RESOURCE)
  const ceilings = raise ? [] : rlimits.map(({ type }) => [limitNumber(type), prlimit(0, limitNumber(type)).hard] as const)
  return {
    architecture: architecture(),
    permittedCapabilities,
    limitCeilings: new Map(ceilings),
    directories: new Set(mounts.filter(isBind).filter(mount => isDirectory(mount)).map(({ source }) => source)),
    cgroupMountPoints: mounts.some(({ type }) => type.startsWith('cgroup')) ? cgroupMountPoints() : [],
  }
}

function architecture(): Architecture {
  if (process.arch === 'x64' || process.arch === 'arm64') return process.arch
  throw new TsnetError('platform-unsupported', `start container: tsnet runs on x86-64 and arm64, not on ${process.arch}`)
}

function readPermitted(): bigint {
  const line = /^CapPrm:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return line === undefined ? 0n : BigInt(`0x${line}`)
}

function isBind({ type, options }: OciMount): boolean {
  return type === 'bind' || options.includes('bind') || options.includes('rbind')
}

function isDirectory({ source, destination }: OciMount): boolean {
  try {
    return statSync(source).isDirectory()
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'ENOTDIR')) throw error
    throw new TsnetError('mount-source-not-found', `mount "${source}" on "${destination}": the source does not exist`, { cause: error })
  }
}

/** Mount points of cgroup and cgroup2 file systems: fields 5 and, behind the dash, 1 of mountinfo. */
function cgroupMountPoints(): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8').split('\n').flatMap(line => {
    const [left = '', right = ''] = line.split(' - ')
    const point = left.split(' ')[4]
    return right.startsWith('cgroup') && point !== undefined ? [point] : []
  })
}
