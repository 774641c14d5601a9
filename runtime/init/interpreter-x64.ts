/**
 * The interpreter for x86-64: executes the records of record.ts one after the other. It never touches the stack, so that clone
 * with CLONE_VM needs no stack of its own; the kernel keeps all registers but rax, rcx and r11 across a system call.
 *
 * rbx is the current record, r12d its flags, r13 the header.
 */
import { AssemblerX64, type RegisterX64 } from './assembler-x64.ts'
import * as record from './record.ts'

/** System call arguments, in the order of the x86-64 ABI. */
const argumentRegisters: readonly RegisterX64[] = ['rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9']

export function interpreterX64(headerAddress: number): Uint8Array {
  const code = new AssemblerX64()
  code.moveImmediate('r13', headerAddress)
  code.load64('rbx', 'r13', record.headerEntry)
  code.label('run')
  code.load32('r12', 'rbx', record.flagsOffset)
  argumentRegisters.forEach((register, index) => { loadArgument(code, register, index) })
  code.load32('rax', 'rbx', record.numberOffset)
  code.compareImmediate('rax', -1)
  code.jumpIf('zero', 'compute')
  code.systemCall()
  code.label('store')
  code.load64('rcx', 'rbx', record.storeOffset)
  code.test64('rcx')
  code.jumpIf('zero', 'judge')
  code.store64('rcx', 0, 'rax')
  judge(code)
  code.label('compute')
  code.load64('rax', 'rdi', 0)
  code.and64('rax', 'rsi')
  code.subtract64('rax', 'rdx')
  code.jump('store')
  return code.assemble()
}

function loadArgument(code: AssemblerX64, register: RegisterX64, index: number): void {
  code.load64(register, 'rbx', record.argumentOffset + 8 * index)
  code.testImmediate('r12', record.INDIRECT << index)
  code.jumpIf('zero', `argument ${index}`)
  code.load64(register, register, 0)
  code.label(`argument ${index}`)
}

/** Chooses the next record by the sign of the result. */
function judge(code: AssemblerX64): void {
  code.label('judge')
  code.test64('rax')
  code.jumpIf('greater', 'positive')
  code.jumpIf('zero', 'zero')
  code.testImmediate('r12', record.JUMP_NEGATIVE)
  code.jumpIf('not-zero', 'jump')
  code.testImmediate('r12', record.IGNORE_ERROR)
  code.jumpIf('not-zero', 'next')
  code.store64('r13', record.headerFailedRecord, 'rbx')
  code.store64('r13', record.headerFailedResult, 'rax')
  code.load64('rbx', 'r13', record.headerHandler)
  code.jump('run')
  code.label('positive')
  code.testImmediate('r12', record.JUMP_POSITIVE)
  code.jumpIf('not-zero', 'jump')
  code.jump('next')
  code.label('zero')
  code.testImmediate('r12', record.JUMP_ZERO)
  code.jumpIf('not-zero', 'jump')
  code.label('next')
  code.addImmediate('rbx', record.recordSize)
  code.jump('run')
  code.label('jump')
  code.load64('rbx', 'rbx', record.jumpOffset)
  code.jump('run')
}
