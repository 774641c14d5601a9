/**
 * A mini assembler for arm64 (A64): only the instructions that the interpreter needs, with labels. Registers are numbers (x0 = 0).
 *
 * Encodings: Arm Architecture Reference Manual, C6. interpreter-arm64.listing.txt holds what llvm-mc makes
 * of the result.
 */
const conditions = { equal: 0, greater: 12 } as const

type Patch = (instruction: number, distance: number) => number

const branch26: Patch = (instruction, distance) => instruction | distance & 0x3ff_ffff
const branch19: Patch = (instruction, distance) => instruction | (distance & 0x7_ffff) << 5
const branch14: Patch = (instruction, distance) => instruction | (distance & 0x3fff) << 5

export class AssemblerArm64 {
  readonly #code: number[] = []
  readonly #labels = new Map<string, number>()
  readonly #fixups: { readonly at: number, readonly label: string, readonly patch: Patch }[] = []

  label(name: string): void { this.#labels.set(name, this.#code.length) }

  /** `movz` and `movk`: any 32 bit value. */
  moveImmediate(register: number, value: number): void {
    this.#code.push(0xd280_0000 | (value & 0xffff) << 5 | register)
    this.#code.push(0xf2a0_0000 | (value >>> 16) << 5 | register)
  }

  /** `ldr x, [base, #offset]`, offset a multiple of 8. */
  load64(target: number, base: number, offset: number): void { this.#code.push(0xf940_0000 | offset / 8 << 10 | base << 5 | target) }
  /** `ldr w, [base, #offset]`, offset a multiple of 4. */
  load32(target: number, base: number, offset: number): void { this.#code.push(0xb940_0000 | offset / 4 << 10 | base << 5 | target) }
  store64(base: number, offset: number, source: number): void { this.#code.push(0xf900_0000 | offset / 8 << 10 | base << 5 | source) }

  addImmediate(register: number, value: number): void { this.#code.push(0x9100_0000 | value << 10 | register << 5 | register) }
  /** `cmp x, #0` */
  compareZero(register: number): void { this.#code.push(0xf100_001f | register << 5) }
  /** `cmn w, #1`: equal if the register is -1. */
  compareMinusOne(register: number): void { this.#code.push(0x3100_041f | register << 5) }
  /** `and target, left, right` */
  and64(target: number, left: number, right: number): void { this.#code.push(0x8a00_0000 | right << 16 | left << 5 | target) }
  /** `sub target, left, right` */
  subtract64(target: number, left: number, right: number): void { this.#code.push(0xcb00_0000 | right << 16 | left << 5 | target) }

  jump(label: string): void { this.#branch(0x1400_0000, label, branch26) }
  jumpIf(condition: keyof typeof conditions, label: string): void { this.#branch(0x5400_0000 | conditions[condition], label, branch19) }
  /** `cbz x` */
  jumpIfZero(register: number, label: string): void { this.#branch(0xb400_0000 | register, label, branch19) }
  /** `tbz w, #bit` */
  jumpIfBitClear(register: number, bit: number, label: string): void {
    this.#branch(0x3600_0000 | bit << 19 | register, label, branch14)
  }
  /** `tbnz w, #bit` */
  jumpIfBitSet(register: number, bit: number, label: string): void {
    this.#branch(0x3700_0000 | bit << 19 | register, label, branch14)
  }

  /** `svc #0` */
  systemCall(): void { this.#code.push(0xd400_0001) }

  assemble(): Uint8Array {
    const view = new DataView(new ArrayBuffer(this.#code.length * 4))
    this.#code.forEach((instruction, index) => { view.setUint32(index * 4, instruction >>> 0, true) })
    for (const { at, label, patch } of this.#fixups) {
      const target = this.#labels.get(label)
      if (target === undefined) throw new RangeError(`assembler: no label ${label}`)
      view.setUint32(at * 4, patch(view.getUint32(at * 4, true), target - at) >>> 0, true)
    }
    return new Uint8Array(view.buffer)
  }

  #branch(instruction: number, label: string, patch: Patch): void {
    this.#fixups.push({ at: this.#code.length, label, patch })
    this.#code.push(instruction)
  }
}
