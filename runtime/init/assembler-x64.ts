/**
 * A mini assembler for x86-64: only the instructions that the interpreter needs, with labels.
 *
 * Invariant: every memory operand is [register + 8 bit displacement] whose register is neither rsp nor r12 (those two need a
 * SIB byte), and every jump has a 32 bit displacement, so that no instruction changes its size when a label is placed.
 * Encodings: Intel SDM volume 2. interpreter-x64.listing.txt holds what objdump makes of the result.
 */
const registers = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'] as const
export type RegisterX64 = typeof registers[number]

const conditions = { zero: 0x84, 'not-zero': 0x85, greater: 0x8f } as const

export class AssemblerX64 {
  readonly #bytes: number[] = []
  readonly #labels = new Map<string, number>()
  readonly #fixups: { readonly at: number, readonly label: string }[] = []

  label(name: string): void { this.#labels.set(name, this.#bytes.length) }

  /** `mov r32, imm32`; the upper half of the register becomes zero. */
  moveImmediate(register: RegisterX64, value: number): void {
    const number = registers.indexOf(register)
    this.#rex(0x40, 0, number)
    this.#bytes.push(0xb8 | number & 7)
    this.#word(value)
  }

  load64(target: RegisterX64, base: RegisterX64, displacement: number): void { this.#memory(0x48, 0x8b, [target, base], displacement) }
  load32(target: RegisterX64, base: RegisterX64, displacement: number): void { this.#memory(0x40, 0x8b, [target, base], displacement) }
  store64(base: RegisterX64, displacement: number, source: RegisterX64): void {
    this.#memory(0x48, 0x89, [source, base], displacement)
  }

  /** `test r32, imm32` */
  testImmediate(register: RegisterX64, mask: number): void {
    const number = registers.indexOf(register)
    this.#rex(0x40, 0, number)
    this.#bytes.push(0xf7, 0xc0 | number & 7)
    this.#word(mask)
  }

  /** `cmp r32, imm8`, the immediate sign-extended. */
  compareImmediate(register: RegisterX64, value: number): void {
    const number = registers.indexOf(register)
    this.#rex(0x40, 0, number)
    this.#bytes.push(0x83, 0xf8 | number & 7, value & 0xff)
  }

  /** `add r64, imm8` */
  addImmediate(register: RegisterX64, value: number): void {
    const number = registers.indexOf(register)
    this.#rex(0x48, 0, number)
    this.#bytes.push(0x83, 0xc0 | number & 7, value)
  }

  test64(register: RegisterX64): void { this.#registers(0x85, register, register) }
  and64(target: RegisterX64, source: RegisterX64): void { this.#registers(0x21, source, target) }
  subtract64(target: RegisterX64, source: RegisterX64): void { this.#registers(0x29, source, target) }

  jump(label: string): void {
    this.#bytes.push(0xe9)
    this.#displacement(label)
  }

  jumpIf(condition: keyof typeof conditions, label: string): void {
    this.#bytes.push(0x0f, conditions[condition])
    this.#displacement(label)
  }

  systemCall(): void { this.#bytes.push(0x0f, 0x05) }

  assemble(): Uint8Array {
    const code = Uint8Array.from(this.#bytes)
    const view = new DataView(code.buffer)
    for (const { at, label } of this.#fixups) {
      const target = this.#labels.get(label)
      if (target === undefined) throw new RangeError(`assembler: no label ${label}`)
      view.setInt32(at, target - at - 4, true)
    }
    return code
  }

  /** REX prefix where a 64 bit operand or one of the registers r8 to r15 asks for it. */
  #rex(base: number, reg: number, rm: number): void {
    const prefix = base | reg >> 3 << 2 | rm >> 3
    if (prefix !== 0x40) this.#bytes.push(prefix)
  }

  #memory(prefix: number, opcode: number, operands: readonly [RegisterX64, RegisterX64], displacement: number): void {
    const [reg, base] = [registers.indexOf(operands[0]), registers.indexOf(operands[1])]
    if ((base & 7) === 4) throw new RangeError(`assembler: ${operands[1]} cannot be a base register`)
    this.#rex(prefix, reg, base)
    this.#bytes.push(opcode, 0x40 | (reg & 7) << 3 | base & 7, displacement)
  }

  #registers(opcode: number, source: RegisterX64, target: RegisterX64): void {
    const [reg, rm] = [registers.indexOf(source), registers.indexOf(target)]
    this.#rex(0x48, reg, rm)
    this.#bytes.push(opcode, 0xc0 | (reg & 7) << 3 | rm & 7)
  }

  #displacement(label: string): void {
    this.#fixups.push({ at: this.#bytes.length, label })
    this.#word(0)
  }

  #word(value: number): void { this.#bytes.push(value & 0xff, value >> 8 & 0xff, value >> 16 & 0xff, value >>> 24) }
}
