/**
 * Classic BPF as seccomp takes it: instructions of {code, jt, jf, k}, conditional jumps by label inside a block.
 *
 * Conditional jumps reach 255 instructions, so blocks are built inside out: a finished block is a list of instructions, and who puts
 * two together knows their lengths. Source: include/uapi/linux/{bpf_common,filter,seccomp}.h.
 */
export interface BpfInstruction { readonly code: number, readonly jt: number, readonly jf: number, readonly k: number }

/** BPF_LD | BPF_W | BPF_ABS: a word of struct seccomp_data. */
export const BPF_LOAD = 0x20
/** BPF_ALU | BPF_AND | BPF_K */
export const BPF_AND = 0x54
/** BPF_JMP | BPF_JA */
export const BPF_JA = 0x05
export const BPF_JEQ = 0x15
export const BPF_JGT = 0x25
export const BPF_JGE = 0x35
/** BPF_RET | BPF_K */
export const BPF_RET = 0x06

export type ConditionalJump = typeof BPF_JEQ | typeof BPF_JGT | typeof BPF_JGE

const farthest = 255

export function statement(code: number, k: number): BpfInstruction { return { code, jt: 0, jf: 0, k: k >>> 0 } }

/** `if (A op k) taken else other`, whatever their sizes; both must end in a return. */
export function branch(op: ConditionalJump, k: number, taken: readonly BpfInstruction[], other: readonly BpfInstruction[]): BpfInstruction[] {
  if (other.length <= farthest) return [{ code: op, jt: other.length, jf: 0, k: k >>> 0 }, ...other, ...taken]
  return [{ code: op, jt: 0, jf: 1, k: k >>> 0 }, statement(BPF_JA, other.length), ...other, ...taken]
}

type Target = 'next' | 'pass' | 'fail'
export type Check = { readonly load: number } | { readonly and: number }
  | { readonly jump: ConditionalJump, readonly k: number, readonly taken: Target, readonly other: Target }

/** A check that goes on behind itself (`pass`) or jumps over `over` further instructions (`fail`). */
export function check(steps: readonly Check[], over: number): BpfInstruction[] {
  const distance = (target: Target, index: number): number => {
    const left = steps.length - index - 1
    return target === 'next' ? 0 : target === 'pass' ? left : left + over
  }
  return steps.map((step, index) => {
    if ('load' in step) return statement(BPF_LOAD, step.load)
    if ('and' in step) return statement(BPF_AND, step.and)
    return { code: step.jump, jt: distance(step.taken, index), jf: distance(step.other, index), k: step.k >>> 0 }
  })
}

/** Array of struct sock_filter {u16 code, u8 jt, u8 jf, u32 k}, little-endian as both architectures are. */
export function encodeBpf(instructions: readonly BpfInstruction[]): Uint8Array {
  const words = new Uint32Array(instructions.length * 2)
  let at = 0
  for (const { code, jt, jf, k } of instructions) {
    words[at++] = code | jt << 16 | jf << 24
    words[at++] = k
  }
  return new Uint8Array(words.buffer)
}
