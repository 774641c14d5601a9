import test from 'ava'
import fc from 'fast-check'
import { compileFilter } from '../../../../runtime/init/seccomp.ts'
import { findSyscallNumber, syscallNumber } from '../../../../runtime/init/syscalls-table.ts'
import type { BpfInstruction } from '../../../../runtime/init/bpf.ts'
import type { OciSeccomp, SeccompOperator } from '../../../../runtime/oci-spec.ts'

const ALLOW = 0x7fff_0000
const KILL_PROCESS = 0x8000_0000
const errno = (number: number): number => 0x0005_0000 | number
const EPERM = 1
const ENOSYS = 38
const X64 = 0xc000_003e
const ARM64 = 0xc000_00b7

interface Call { readonly arch?: number, readonly nr: number, readonly args?: readonly bigint[] }

/** The kernel's BPF machine, as far as seccomp programs use it. */
function evaluate(filter: readonly BpfInstruction[], { arch = X64, nr, args = [] }: Call): number {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(nr >>> 0, 0)
  data.writeUInt32LE(arch, 4)
  args.forEach((value, index) => { data.writeBigUInt64LE(BigInt.asUintN(64, value), 16 + 8 * index) })
  let accumulator = 0
  for (let at = 0; at < filter.length; at++) {
    const { code, jt, jf, k } = filter[at]!
    if (code === 0x06) return k
    if (code === 0x20) accumulator = data.readUInt32LE(k)
    else if (code === 0x54) accumulator = (accumulator & k) >>> 0
    else if (code === 0x05) at += k
    else if (code === 0x15) at += accumulator === k ? jt : jf
    else if (code === 0x25) at += accumulator > k ? jt : jf
    else if (code === 0x35) at += accumulator >= k ? jt : jf
    else throw new Error(`code ${code}`)
  }
  throw new Error('the program ran off its end')
}

const nr = (name: Parameters<typeof syscallNumber>[1]): number => syscallNumber('x64', name)

function profile(...syscalls: OciSeccomp['syscalls'][number][]): OciSeccomp {
  return { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: EPERM, syscalls }
}

const allow = (names: readonly string[]): OciSeccomp['syscalls'][number] => ({ names, action: 'SCMP_ACT_ALLOW' })

test('a call that is listed is allowed, any other gets the default errno', t => {
  const filter = compileFilter('x64', profile(allow(['read', 'write', 'exit_group', 'openat2'])))
  for (const name of ['read', 'write', 'exit_group', 'openat2'] as const) t.is(evaluate(filter, { nr: nr(name) }), ALLOW)
  for (const name of ['mount', 'close', 'ptrace'] as const) t.is(evaluate(filter, { nr: nr(name) }), errno(EPERM))
})

test('a call newer than any that the profile names gets ENOSYS, so that libc falls back', t => {
  const filter = compileFilter('x64', profile(allow(['openat2'])))
  t.is(evaluate(filter, { nr: nr('openat2') + 1 }), errno(ENOSYS))
  t.is(evaluate(filter, { nr: 4000 }), errno(ENOSYS))
})

test('a foreign architecture is killed and an x32 call gets ENOSYS', t => {
  const filter = compileFilter('x64', profile(allow(['read'])))
  t.is(evaluate(filter, { arch: 0x4000_0003, nr: nr('read') }), KILL_PROCESS)
  t.is(evaluate(filter, { nr: 0x4000_0000 | nr('read') }), errno(ENOSYS))
})

test('arm64 has its own architecture and numbers', t => {
  const filter = compileFilter('arm64', profile(allow(['read', 'open'])))
  t.is(evaluate(filter, { arch: ARM64, nr: syscallNumber('arm64', 'read') }), ALLOW)
  t.is(evaluate(filter, { arch: X64, nr: 0 }), KILL_PROCESS)
  t.is(evaluate(filter, { arch: ARM64, nr: 0 }), errno(EPERM))
  t.is(findSyscallNumber('arm64', 'open'), undefined)
})

test('an entry may have an errno of its own', t => {
  const filter = compileFilter('x64', profile(allow(['futex_waitv']), { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS }))
  t.is(evaluate(filter, { nr: nr('clone3') }), errno(ENOSYS))
})

test('clone is allowed only without namespace flags, as in the default profile of Docker', t => {
  const filter = compileFilter('x64', profile({
    names: ['clone'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 0x7e02_0000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
  }))
  t.is(evaluate(filter, { nr: nr('clone'), args: [0x11n] }), ALLOW)
  t.is(evaluate(filter, { nr: nr('clone'), args: [0x1000_0011n] }), errno(EPERM))
})

test('several conditions on one argument are alternatives', t => {
  const filter = compileFilter('x64', profile({
    names: ['personality'], action: 'SCMP_ACT_ALLOW',
    args: [{ index: 0, value: 0, op: 'SCMP_CMP_EQ' }, { index: 0, value: 8, op: 'SCMP_CMP_EQ' }],
  }))
  t.is(evaluate(filter, { nr: nr('personality'), args: [8n] }), ALLOW)
  t.is(evaluate(filter, { nr: nr('personality'), args: [0n] }), ALLOW)
  t.is(evaluate(filter, { nr: nr('personality'), args: [4n] }), errno(EPERM))
})

test('conditions on different arguments must all hold', t => {
  const filter = compileFilter('x64', profile({
    names: ['socket'], action: 'SCMP_ACT_ALLOW',
    args: [{ index: 0, value: 16, op: 'SCMP_CMP_EQ' }, { index: 2, value: 9, op: 'SCMP_CMP_NE' }],
  }))
  t.is(evaluate(filter, { nr: nr('socket'), args: [16n, 0n, 3n] }), ALLOW)
  t.is(evaluate(filter, { nr: nr('socket'), args: [16n, 0n, 9n] }), errno(EPERM))
  t.is(evaluate(filter, { nr: nr('socket'), args: [2n, 0n, 3n] }), errno(EPERM))
})

const holds: Readonly<Record<SeccompOperator, (argument: bigint, value: bigint, two: bigint) => boolean>> = {
  SCMP_CMP_EQ: (a, b) => a === b, SCMP_CMP_NE: (a, b) => a !== b, SCMP_CMP_LT: (a, b) => a < b, SCMP_CMP_LE: (a, b) => a <= b,
  SCMP_CMP_GE: (a, b) => a >= b, SCMP_CMP_GT: (a, b) => a > b, SCMP_CMP_MASKED_EQ: (a, b, two) => (a & b) === two,
}

test('every operator compares all 64 bits', t => {
  const word = fc.constantFrom(0, 1, 2, 0xffff_ffff, 0x1_0000_0000, 0x1_0000_0001, 0x2_0000_0000, Number.MAX_SAFE_INTEGER)
  const operators = Object.keys(holds) as SeccompOperator[]
  fc.assert(fc.property(fc.constantFrom(...operators), word, word, word, (op, argument, value, valueTwo) => {
    const filter = compileFilter('x64', profile({ names: ['ioctl'], action: 'SCMP_ACT_ALLOW', args: [{ index: 1, value, valueTwo, op }] }))
    const expected = holds[op](BigInt(argument), BigInt(value), BigInt(valueTwo)) ? ALLOW : errno(EPERM)
    t.is(evaluate(filter, { nr: nr('ioctl'), args: [0n, BigInt(argument)] }), expected)
  }), { numRuns: 500 })
})

test('any set of calls is told from its complement', t => {
  const names = ['read', 'write', 'open', 'close', 'mmap', 'ioctl', 'clone', 'execve', 'mount', 'setns', 'bpf', 'openat2', 'mseal']
  fc.assert(fc.property(fc.subarray(names, { minLength: 1 }), chosen => {
    const filter = compileFilter('x64', profile(allow(chosen)))
    const allowed = new Set(chosen.map(name => findSyscallNumber('x64', name)))
    const newest = Math.max(...[...allowed].map(Number))
    for (let number = 0; number < 480; number++) {
      const expected = allowed.has(number) ? ALLOW : errno(number > newest ? ENOSYS : EPERM)
      if (evaluate(filter, { nr: number }) !== expected) return false
    }
    return true
  }))
  t.pass()
})
