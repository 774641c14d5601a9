/** Looking through memory, by records that can only load, subtract and jump: one byte after the other. */
import { type Address, type Cell, type Label, type Program, type ProgramRecord } from '../../runtime/init/program.ts'

/** `(the word at the address in `pointer` AND mask) - subtract`. */
export function load(
  program: Program, step: string, { pointer, mask, subtract }: { readonly pointer: Cell, readonly mask: bigint, readonly subtract: bigint },
  options: Pick<ProgramRecord, 'store' | 'jump'>,
): void {
  program.records.push({ step, call: 'compute', args: [pointer, mask, subtract], ignoreErrors: true, ...options })
}

/** `cell = address`. */
export function setTo(program: Program, cell: Cell, address: Address): void {
  const constant = program.cellAt('address', program.words(`address for ${cell.name}`, [address]), 0)
  program.compute(`${cell.name} = ${constant.name}`, { cell: constant }, { store: cell })
}

export function increase(program: Program, cell: Cell, by: number): void {
  program.compute(`${cell.name} + ${by}`, { cell, subtract: -by }, { store: cell })
}

/** `cell = cell + other`; `other` stays. */
export function add(program: Program, cell: Cell, other: Cell): void {
  const negative = program.cell('negative')
  program.compute(`0 - ${other.name}`, { cell: other, mask: 0n, subtract: other }, { store: negative })
  program.compute(`${cell.name} + ${other.name}`, { cell, subtract: negative }, { store: cell })
}

const wordBytes = 8

/**
 * Moves `pointer`, from where it is to `end`, to the place where `text` begins, and goes on there; at `missing` where it is nowhere. Behind
 * `end` there must be as many bytes as the text has.
 */
export function find(program: Program, { pointer, end, text, missing }: { readonly pointer: Cell, readonly end: Cell, readonly text: string, readonly missing: Label }): void {
  const bytes = Buffer.from(text)
  const [look, next, found] = ['look', 'next byte', 'found'].map(name => program.label(name)) as [Label, Label, Label]
  const part = program.cell('part')
  program.place(look)
  program.compute('at the end?', { cell: pointer, subtract: end }, { jump: { on: ['zero', 'positive'], to: missing } })
  program.compute('from here', { cell: pointer }, { store: part })
  for (let offset = 0; offset < bytes.length; offset += wordBytes) {
    const chunk = bytes.subarray(offset, offset + wordBytes)
    const mask = (1n << BigInt(chunk.length * 8)) - 1n
    const wanted = chunk.reduceRight((value, byte) => value << 8n | BigInt(byte), 0n)
    load(program, `is it ${JSON.stringify(chunk.toString())}?`, { pointer: part, mask, subtract: wanted }, { jump: { on: ['negative', 'positive'], to: next } })
    increase(program, part, wordBytes)
  }
  program.jump(found)
  program.place(next)
  increase(program, pointer, 1)
  program.jump(look)
  program.place(found)
}

