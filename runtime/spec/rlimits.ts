/**
 * Resource limits: 1024 open files, raisable to 524288, whatever the shell of the caller had (moby and containerd moved there
 * after years of programs that close every possible descriptor). A limit above what this process may give is lowered, never an
 * error; all others are inherited.
 */
import type { OciProcess } from '../oci-spec.ts'

type Rlimit = NonNullable<OciProcess['rlimits']>[number]

const soft = 1024
const hard = 524_288

/** @param limits the text of /proc/self/limits */
export function defaultRlimits(limits: string): readonly Rlimit[] {
  const own = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1]
  const ceiling = own === undefined ? soft : own === 'unlimited' ? hard : Math.min(hard, Number(own))
  return [{ type: 'RLIMIT_NOFILE', soft: Math.min(soft, ceiling), hard: ceiling }]
}
