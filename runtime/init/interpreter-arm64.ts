/**
 * The interpreter for arm64: the same machine as interpreter-x64.ts, label by label. The kernel keeps all registers but x0 across a
 * system call.
 *
 * x19 is the current record, w20 its flags, x21 the header.
 */
import { AssemblerArm64 } from './assembler-arm64.ts'
import * as record from './record.ts'

const result = 0
const systemCallNumber = 8
const scratch = 9
const current = 19
const flags = 20
const header = 21

export function interpreterArm64(headerAddress: number): Uint8Array {
  const code = new AssemblerArm64()
  code.moveImmediate(header, headerAddress)
  code.load64(current, header, record.headerEntry)
  code.label('run')
  code.load32(flags, current, record.flagsOffset)
  for (let index = 0; index < 6; index++) loadArgument(code, index)
  code.load32(systemCallNumber, current, record.numberOffset)
  code.compareMinusOne(systemCallNumber)
  code.jumpIf('equal', 'compute')
  code.systemCall()
  code.label('store')
  code.load64(scratch, current, record.storeOffset)
  code.jumpIfZero(scratch, 'judge')
  code.store64(scratch, 0, result)
  judge(code)
  code.label('compute')
  code.load64(scratch, 0, 0)
  code.and64(scratch, scratch, 1)
  code.subtract64(result, scratch, 2)
  code.jump('store')
  return code.assemble()
}

/** Arguments go to x0 … x5. */
function loadArgument(code: AssemblerArm64, index: number): void {
  code.load64(index, current, record.argumentOffset + 8 * index)
  code.jumpIfBitClear(flags, bit(record.INDIRECT) + index, `argument ${index}`)
  code.load64(index, index, 0)
  code.label(`argument ${index}`)
}

/** Chooses the next record by the sign of the result. */
function judge(code: AssemblerArm64): void {
  code.label('judge')
  code.compareZero(result)
  code.jumpIf('greater', 'positive')
  code.jumpIf('equal', 'zero')
  code.jumpIfBitSet(flags, bit(record.JUMP_NEGATIVE), 'jump')
  code.jumpIfBitSet(flags, bit(record.IGNORE_ERROR), 'next')
  code.store64(header, record.headerFailedRecord, current)
  code.store64(header, record.headerFailedResult, result)
  code.load64(current, header, record.headerHandler)
  code.jump('run')
  code.label('positive')
  code.jumpIfBitSet(flags, bit(record.JUMP_POSITIVE), 'jump')
  code.jump('next')
  code.label('zero')
  code.jumpIfBitSet(flags, bit(record.JUMP_ZERO), 'jump')
  code.label('next')
  code.addImmediate(current, record.recordSize)
  code.jump('run')
  code.label('jump')
  code.load64(current, current, record.jumpOffset)
  code.jump('run')
}

function bit(flag: number): number { return 31 - Math.clz32(flag) }
