/** Resource limits: set as asked, but a hard limit is never raised without CAP_SYS_RESOURCE (it would fail; runc and podman do). */
import { TsnetError } from '../../../errors/error.ts'
import type { OciProcess } from '../../oci-spec.ts'
import type { Program } from '../program.ts'

const resources: Readonly<Record<string, number>> = {
  RLIMIT_CPU: 0, RLIMIT_FSIZE: 1, RLIMIT_DATA: 2, RLIMIT_STACK: 3, RLIMIT_CORE: 4, RLIMIT_RSS: 5, RLIMIT_NPROC: 6,
  RLIMIT_NOFILE: 7, RLIMIT_MEMLOCK: 8, RLIMIT_AS: 9, RLIMIT_LOCKS: 10, RLIMIT_SIGPENDING: 11, RLIMIT_MSGQUEUE: 12,
  RLIMIT_NICE: 13, RLIMIT_RTPRIO: 14, RLIMIT_RTTIME: 15,
}

const infinity = 2n ** 64n - 1n

/** The kernel's number of a limit. @throws invalid-argument for an unknown name */
export function limitNumber(type: string): number {
  const number = resources[type]
  if (number === undefined) throw new TsnetError('invalid-argument', `set resource limit "${type}": there is no such limit`)
  return number
}

/** `ceilings`: the hard limits in force, by number, where they cannot be raised. */
export function setLimits(program: Program, rlimits: OciProcess['rlimits'] = [], ceilings: ReadonlyMap<number, bigint>): void {
  for (const limit of rlimits) {
    const resource = limitNumber(limit.type)
    const { soft, hard } = clamp(limit, ceilings)
    program.call(`set ${limit.type}`, 'prlimit64', [0, resource, program.words(`{soft ${soft}, hard ${hard}}`, [soft, hard]), 0])
  }
}

/** The same limits, none above its ceiling: for a runtime that would fail. */
export function clampLimits(rlimits: readonly Limit[], ceilings: ReadonlyMap<number, bigint>): readonly Limit[] {
  return rlimits.map(limit => {
    const { soft, hard } = clamp(limit, ceilings)
    return ceilings.has(limitNumber(limit.type)) ? { type: limit.type, soft: Number(soft), hard: Number(hard) } : limit
  })
}

type Limit = NonNullable<OciProcess['rlimits']>[number]

function clamp({ type, soft, hard }: Limit, ceilings: ReadonlyMap<number, bigint>): { readonly soft: bigint, readonly hard: bigint } {
  const top = least(limitValue(hard), ceilings.get(limitNumber(type)) ?? infinity)
  return { soft: least(limitValue(soft), top), hard: top }
}

/** JSON has no 64 bit integers: what is negative or too large to be exact means unlimited. */
function limitValue(value: number): bigint {
  return value < 0 || value > Number.MAX_SAFE_INTEGER ? infinity : BigInt(value)
}

function least(a: bigint, b: bigint): bigint { return a < b ? a : b }
