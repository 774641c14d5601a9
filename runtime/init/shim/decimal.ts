/** Numbers as decimal text, by records that can only subtract and jump: the status file is for people too. */
import type { Cell, Data, Program } from '../program.ts'

export interface DecimalField { readonly value: Cell, readonly text: Data, readonly offset: number, readonly digits: number }

/**
 * Writes the value, which is used up, as exactly `digits` digits at an offset of the text. A digit is stored as a word of eight bytes
 * whose other seven are zero: what follows is to be written later, and the text has seven bytes to spare.
 */
export function writeDecimal(program: Program, { value, text, offset, digits }: DecimalField): void {
  const rest = program.cell('rest')
  const step = `write ${value.name} as text`
  for (let index = 0; index < digits; index++) {
    const digit = program.cellAt('digit', text, offset + index)
    const unit = 10n ** BigInt(digits - 1 - index)
    const [again, next] = [program.label('count'), program.label('next digit')]
    writeByte(program, digit, '0')
    program.place(again)
    program.compute(step, { cell: value, subtract: unit }, { store: rest, jump: { on: ['negative'], to: next } })
    program.compute(step, { cell: rest }, { store: value })
    program.compute(step, { cell: digit, subtract: -1 }, { store: digit })
    program.jump(again)
    program.place(next)
  }
}

/** Stores a character, and zero into the seven bytes behind it. */
export function writeByte(program: Program, at: Cell, character: string): void {
  program.compute(`write ${JSON.stringify(character)}`, { cell: at, mask: 0n, subtract: -character.charCodeAt(0) }, { store: at })
}
