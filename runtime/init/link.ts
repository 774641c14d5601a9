/**
 * From a program to an executable: every record, piece of data and label gets its address, then interpreter, header, records and
 * data are put together.
 *
 *     R-X   ELF header, interpreter
 *     RW-   header, records, data, reserved (zeroed) memory
 */
import { dataAddress, elfImage } from './elf.ts'
import { interpreterArm64 } from './interpreter-arm64.ts'
import { interpreterX64 } from './interpreter-x64.ts'
import type { Argument, Cell, Data, Label, Program, ProgramRecord, Word } from './program.ts'
import * as layout from './record.ts'
import { syscallNumber } from './syscalls-table.ts'

export interface LinkedProgram {
  /** The file to execute. */
  readonly image: Uint8Array
  /** The record at an address that a failure reported; undefined for any other number. */
  readonly recordAt: (address: number) => ProgramRecord | undefined
}

export function link(program: Program): LinkedProgram {
  const interpreter = program.architecture === 'x64' ? interpreterX64 : interpreterArm64
  const base = dataAddress(interpreter(0).length)
  const records = base + layout.headerSize
  const memory = placeData(program, base)
  const addresses = new Addresses(program, records, memory.placed)
  const data = new Uint8Array(memory.fileSize)
  const view = new DataView(data.buffer)
  for (const [piece, address] of memory.placed) {
    if (piece.reserved) continue
    data.set(piece.bytes, address - base)
    for (const [index, word] of piece.words.entries()) writeWord(view, address - base + 8 * index, addresses.ofWord(word))
  }
  view.setBigUint64(layout.headerEntry, BigInt(records), true)
  let at = layout.headerSize
  for (const record of program.records) {
    view.setUint32(at + layout.numberOffset, record.call === 'compute' ? layout.COMPUTE : syscallNumber(program.architecture, record.call), true)
    writeRecord(view, at, record, addresses)
    at += layout.recordSize
  }
  return {
    image: elfImage({ architecture: program.architecture, code: interpreter(base), data, bssSize: memory.size - memory.fileSize }),
    recordAt: address => program.records[(address - records) / layout.recordSize],
  }
}

interface Memory { readonly placed: ReadonlyMap<Data, number>, readonly fileSize: number, readonly size: number }

/** The header first, then room for the records, then data in the order it was made; reserved memory last. */
function placeData(program: Program, base: number): Memory {
  const placed = new Map<Data, number>()
  const [header, ...rest] = program.data
  if (header !== undefined) placed.set(header, base)
  let end = layout.headerSize + program.records.length * layout.recordSize
  const place = (data: Data): void => {
    end = end + 7 & ~7
    placed.set(data, base + end)
    end += data.size
  }
  for (const data of rest) if (!data.reserved) place(data)
  const fileSize = end
  for (const data of rest) if (data.reserved) place(data)
  return { placed, fileSize, size: end }
}

class Addresses {
  readonly #program: Program
  readonly #records: number
  readonly #data: ReadonlyMap<Data, number>

  constructor(program: Program, records: number, data: ReadonlyMap<Data, number>) {
    this.#program = program
    this.#records = records
    this.#data = data
  }

  ofData(data: Data): number {
    const address = this.#data.get(data)
    if (address === undefined) throw new RangeError(`link: ${data.text} belongs to another program`)
    return address
  }

  ofCell(cell: Cell): number { return this.ofData(cell.data) + cell.offset }

  ofLabel(label: Label): number {
    const index = this.#program.labels.get(label)
    if (index === undefined) throw new RangeError(`link: the label ${label.name} was never placed`)
    return this.#records + index * layout.recordSize
  }

  ofWord(word: Word): number | bigint {
    if (typeof word === 'number' || typeof word === 'bigint') return word
    switch (word.kind) {
      case 'data': return this.ofData(word)
      case 'address': return this.ofCell(word.cell)
      case 'label': return this.ofLabel(word)
    }
  }
}

/** All but the number. */
function writeRecord(view: DataView, at: number, { args, store, jump, ignoreErrors }: ProgramRecord, addresses: Addresses): void {
  let flags = ignoreErrors === true ? layout.IGNORE_ERROR : 0
  let [argumentAt, indirect] = [at + layout.argumentOffset, layout.INDIRECT]
  for (const argument of args) {
    if (typeof argument === 'object' && argument.kind === 'cell') flags |= indirect
    writeWord(view, argumentAt, argumentWord(argument, addresses))
    argumentAt += 8
    indirect <<= 1
  }
  if (store !== undefined) writeWord(view, at + layout.storeOffset, addresses.ofCell(store))
  if (jump !== undefined) {
    for (const sign of jump.on) flags |= jumpBits[sign]
    writeWord(view, at + layout.jumpOffset, addresses.ofLabel(jump.to))
  }
  view.setUint32(at + layout.flagsOffset, flags, true)
}

/** A 64 bit word, two's complement. Nearly all are small numbers, which need no BigInt. */
function writeWord(view: DataView, at: number, word: number | bigint): void {
  if (typeof word === 'bigint') {
    view.setBigInt64(at, BigInt.asIntN(64, word), true)
  } else {
    view.setInt32(at, word, true)
    view.setInt32(at + 4, Math.floor(word / 0x1_0000_0000), true)
  }
}

function argumentWord(argument: Argument, addresses: Addresses): number | bigint {
  if (typeof argument === 'number' || typeof argument === 'bigint') return argument
  switch (argument.kind) {
    case 'constant': return argument.value
    case 'cell': return addresses.ofCell(argument)
    default: return addresses.ofWord(argument)
  }
}

const jumpBits = { negative: layout.JUMP_NEGATIVE, zero: layout.JUMP_ZERO, positive: layout.JUMP_POSITIVE } as const
