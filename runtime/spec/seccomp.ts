/** The default seccomp policy for a set of granted capabilities and an architecture, flat as OCI runtimes take it. Pure. */
import type { OciSeccomp } from '../oci-spec.ts'
import {
  allowedByArchitecture, allowedByCapability, allowedFamilies, allowedPersonalities, alwaysAllowed, namespaceFlags,
} from './seccomp-default.ts'

export type Architecture = 'x64' | 'arm64'
type Rule = OciSeccomp['syscalls'][number]

const EPERM = 1
const ENOSYS = 38
/** Programs of the architecture and its 32-bit twin; x32 is refused by what compiles the filter, as its numbers overlap. */
const architectures: Readonly<Record<Architecture, readonly string[]>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
}

export function defaultSeccomp(capabilities: readonly string[], architecture: Architecture): OciSeccomp {
  const byCapability = capabilities.flatMap(capability => allowedByCapability[capability] ?? [])
  const names = new Set([...alwaysAllowed, ...allowedByArchitecture[architecture], ...byCapability])
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: EPERM,
    architectures: architectures[architecture],
    syscalls: [
      { names: [...names].toSorted(), action: 'SCMP_ACT_ALLOW' },
      ...allowedFamilies.flatMap(familyRules),
      ...allowedPersonalities.map(value => allowEqual('personality', value)),
      ...capabilities.includes('CAP_SYS_ADMIN') ? [] : cloneRules,
    ],
  }
}

/**
 * clone3 passes its flags in memory, where a filter cannot look: ENOSYS makes C libraries fall back to clone
 * (https://github.com/moby/moby/issues/42680).
 */
const cloneRules: readonly Rule[] = [
  {
    names: ['clone'], action: 'SCMP_ACT_ALLOW',
    args: [{ index: 0, value: namespaceFlags, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
  },
  { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
]

/** One comparison a rule: runc takes two comparisons of one argument as alternatives, not as a range. */
function familyRules([first, last]: readonly [number, number]): readonly Rule[] {
  if (first === 0) {
    return [{ names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: last + 1, op: 'SCMP_CMP_LT' }] }]
  }
  return Array.from({ length: last - first + 1 }, (_, i) => allowEqual('socket', first + i))
}

function allowEqual(name: string, value: number): Rule {
  return { names: [name], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }] }
}
