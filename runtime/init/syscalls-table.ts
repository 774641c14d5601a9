/** System call numbers by architecture, as a program and a seccomp filter need them. */
import type { Architecture } from './record.ts'
import { syscallsArm64 } from './syscalls-arm64.generated.ts'
import { syscallsX64 } from './syscalls-x64.generated.ts'

/** The calls that both architectures have: a program can only be built of these. */
export type SyscallName = keyof typeof syscallsX64 & keyof typeof syscallsArm64

const numbers: Readonly<Record<Architecture, Readonly<Record<string, number>>>> = { x64: syscallsX64, arm64: syscallsArm64 }

export function syscallNumber(architecture: Architecture, name: SyscallName): number {
  return architecture === 'x64' ? syscallsX64[name] : syscallsArm64[name]
}

/** For names from outside, such as those of a seccomp profile; undefined where the architecture has no such call. */
export function findSyscallNumber(architecture: Architecture, name: string): number | undefined {
  return Object.hasOwn(numbers[architecture], name) ? numbers[architecture][name] : undefined
}
