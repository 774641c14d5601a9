/**
 * A seccomp profile as a BPF program, without libseccomp.
 *
 *     architecture is ours?      no: kill
 *     x32 call (bit 30)?         yes: ENOSYS
 *     binary search over ranges of call numbers with the same verdict
 *     verdict: an action, or rules on arguments, each 64 bit argument compared as two words
 *
 * As in runc: an entry whose action is the default one is left out; several conditions on one argument are alternatives; calls newer
 * than any the profile names get ENOSYS instead of the default EPERM, so that libc falls back (moby/moby#42680). Unlike
 * Docker's profile in libseccomp, calls of the other word size (i386, 32 bit arm) are not allowed at all.
 */
import type { OciSeccomp, SeccompAction, SeccompOperator } from '../oci-spec.ts'
import * as bpf from './bpf.ts'
import type { Data, Program } from './program.ts'
import type { Architecture } from './record.ts'
import { findSyscallNumber } from './syscalls-table.ts'

type SeccompRule = OciSeccomp['syscalls'][number]
type SeccompCondition = NonNullable<SeccompRule['args']>[number]

const SECCOMP_RET_ERRNO = 0x0005_0000
const actions: Readonly<Record<SeccompAction, number>> = {
  SCMP_ACT_ALLOW: 0x7fff_0000, SCMP_ACT_LOG: 0x7ffc_0000, SCMP_ACT_ERRNO: SECCOMP_RET_ERRNO, SCMP_ACT_KILL_PROCESS: 0x8000_0000,
}
const auditArchitectures: Readonly<Record<Architecture, number>> = { x64: 0xc000_003e, arm64: 0xc000_00b7 }
const EPERM = 1
const ENOSYS = 38
const x32Bit = 0x4000_0000

/** Offsets in struct seccomp_data. */
const numberOffset = 0
const architectureOffset = 4
const argumentsOffset = 16

/** The filter as struct sock_fprog. */
export function compileSeccomp(program: Program, seccomp: OciSeccomp): Data {
  const filter = compileFilter(program.architecture, seccomp)
  const instructions = program.bytes('filter', bpf.encodeBpf(filter))
  return program.words(`{${filter.length} instructions}`, [filter.length, instructions])
}

export function compileFilter(architecture: Architecture, seccomp: OciSeccomp): readonly bpf.BpfInstruction[] {
  const calls = searchTree(ranges(architecture, seccomp))
  const numbered = [
    bpf.statement(bpf.BPF_LOAD, numberOffset),
    ...architecture === 'x64' ? bpf.branch(bpf.BPF_JGE, x32Bit, [returnOf(SECCOMP_RET_ERRNO | ENOSYS)], calls) : calls,
  ]
  const foreign = [returnOf(actions.SCMP_ACT_KILL_PROCESS)]
  return [
    bpf.statement(bpf.BPF_LOAD, architectureOffset),
    ...bpf.branch(bpf.BPF_JEQ, auditArchitectures[architecture], numbered, foreign),
  ]
}

/** From this call number on, up to the next range. */
interface Range { readonly from: number, readonly block: readonly bpf.BpfInstruction[] }

function ranges(architecture: Architecture, seccomp: OciSeccomp): readonly Range[] {
  const rules = rulesByNumber(architecture, seccomp)
  const fallback = [returnOf(actionValue(seccomp.defaultAction, seccomp.defaultErrnoRet))]
  const numbers = [...rules.keys()].toSorted((a, b) => a - b)
  const found: Range[] = []
  const add = (from: number, block: readonly bpf.BpfInstruction[]): void => {
    if (found.at(-1)?.from === from) found.pop()
    const last = found.at(-1)
    if (last === undefined || !sameBlock(last.block, block)) found.push({ from, block })
  }
  // Nearly all calls share one rule without conditions: one block for each such rule, told apart by identity.
  const plain = new Map<SeccompRule, readonly bpf.BpfInstruction[]>()
  const blockOf = (own: readonly SeccompRule[]): readonly bpf.BpfInstruction[] => {
    const [rule] = own
    if (rule === undefined || own.length > 1 || (rule.args ?? []).length > 0) return [...conditionBlocks(own), ...fallback]
    const known = plain.get(rule) ?? [returnOf(actionOf(rule))]
    plain.set(rule, known)
    return known
  }
  add(0, fallback)
  for (const number of numbers) {
    add(number, blockOf(rules.get(number) ?? []))
    add(number + 1, fallback)
  }
  const newer = seccomp.defaultAction === 'SCMP_ACT_ERRNO' ? [returnOf(SECCOMP_RET_ERRNO | ENOSYS)] : fallback
  if (numbers.length > 0) add((numbers.at(-1) ?? 0) + 1, newer)
  return found
}

function rulesByNumber(architecture: Architecture, seccomp: OciSeccomp): ReadonlyMap<number, readonly SeccompRule[]> {
  const rules = new Map<number, SeccompRule[]>()
  const fallback = actionValue(seccomp.defaultAction, seccomp.defaultErrnoRet)
  for (const rule of seccomp.syscalls) {
    if (actionValue(rule.action, rule.errnoRet ?? seccomp.defaultErrnoRet) === fallback) continue
    for (const name of rule.names) {
      const number = findSyscallNumber(architecture, name)
      if (number === undefined) continue
      const own = rules.get(number)
      if (own === undefined) rules.set(number, [rule])
      else own.push(rule)
    }
  }
  return rules
}

/** Rules with conditions in their order, then the first without any, which decides. */
function conditionBlocks(rules: readonly SeccompRule[]): readonly bpf.BpfInstruction[] {
  const conditional = rules.filter(({ args = [] }) => args.length > 0)
  const plain = rules.find(({ args = [] }) => args.length === 0)
  return [
    ...conditional.flatMap(rule => alternatives(rule.args ?? []).flatMap(all => conditionBlock(all, actionOf(rule)))),
    ...plain === undefined ? [] : [returnOf(actionOf(plain))],
  ]
}

function alternatives(conditions: readonly SeccompCondition[]): readonly (readonly SeccompCondition[])[] {
  const distinct = new Set(conditions.map(({ index }) => index))
  return distinct.size === conditions.length ? [conditions] : conditions.map(condition => [condition])
}

/** Returns the action if all conditions hold, else goes on behind. */
function conditionBlock(conditions: readonly SeccompCondition[], action: number): readonly bpf.BpfInstruction[] {
  let block = [returnOf(action)]
  for (const condition of conditions.toReversed()) block = [...bpf.check(comparison(condition), block.length), ...block]
  return block
}

function comparison({ index, value, valueTwo = 0, op }: SeccompCondition): readonly bpf.Check[] {
  const low = argumentsOffset + 8 * index
  const [hi, lo] = halves(value)
  const [hiTwo, loTwo] = halves(valueTwo)
  const [loadHigh, loadLow] = [{ load: low + 4 }, { load: low }]
  const equal = (k: number, taken: 'next' | 'fail' | 'pass', other: 'next' | 'fail' | 'pass'): bpf.Check => {
    return { jump: bpf.BPF_JEQ, k, taken, other }
  }
  const above: bpf.Check = { jump: bpf.BPF_JGT, k: hi, taken: 'pass', other: 'next' }
  const below: bpf.Check = { jump: bpf.BPF_JGT, k: hi, taken: 'fail', other: 'next' }
  const table: Readonly<Record<SeccompOperator, readonly bpf.Check[]>> = {
    SCMP_CMP_EQ: [loadHigh, equal(hi, 'next', 'fail'), loadLow, equal(lo, 'next', 'fail')],
    SCMP_CMP_NE: [loadHigh, equal(hi, 'next', 'pass'), loadLow, equal(lo, 'fail', 'next')],
    SCMP_CMP_GT: [loadHigh, above, equal(hi, 'next', 'fail'), loadLow, { jump: bpf.BPF_JGT, k: lo, taken: 'next', other: 'fail' }],
    SCMP_CMP_GE: [loadHigh, above, equal(hi, 'next', 'fail'), loadLow, { jump: bpf.BPF_JGE, k: lo, taken: 'next', other: 'fail' }],
    SCMP_CMP_LT: [loadHigh, below, equal(hi, 'next', 'pass'), loadLow, { jump: bpf.BPF_JGE, k: lo, taken: 'fail', other: 'next' }],
    SCMP_CMP_LE: [loadHigh, below, equal(hi, 'next', 'pass'), loadLow, { jump: bpf.BPF_JGT, k: lo, taken: 'fail', other: 'next' }],
    SCMP_CMP_MASKED_EQ: [
      loadHigh, { and: hi }, equal(hiTwo, 'next', 'fail'), loadLow, { and: lo }, equal(loTwo, 'next', 'fail'),
    ],
  }
  return table[op]
}

function searchTree(sorted: readonly Range[]): readonly bpf.BpfInstruction[] {
  const middle = sorted[sorted.length >> 1]
  if (middle === undefined) return []
  if (sorted.length === 1) return middle.block
  const [left, right] = [sorted.slice(0, sorted.length >> 1), sorted.slice(sorted.length >> 1)]
  return bpf.branch(bpf.BPF_JGE, middle.from, searchTree(right), searchTree(left))
}

function actionOf({ action, errnoRet }: SeccompRule): number { return actionValue(action, errnoRet) }

function actionValue(action: SeccompAction, errno: number = EPERM): number {
  return action === 'SCMP_ACT_ERRNO' ? SECCOMP_RET_ERRNO | errno & 0xffff : actions[action]
}

function returnOf(value: number): bpf.BpfInstruction { return bpf.statement(bpf.BPF_RET, value) }

/** High and low word; negative numbers in two's complement. */
function halves(value: number): readonly [number, number] {
  const wide = BigInt.asUintN(64, BigInt(value))
  return [Number(wide >> 32n), Number(wide & 0xffff_ffffn)]
}

function sameBlock(a: readonly bpf.BpfInstruction[], b: readonly bpf.BpfInstruction[]): boolean {
  return a === b || a.length === b.length && a.every((left, index) => {
    const right = b[index]
    return right !== undefined && left.code === right.code && left.jt === right.jt && left.jf === right.jf && left.k === right.k
  })
}
