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
  for (const [piece, address] of memory.placed) if (!piece.reserved) writeData(view, address - base, piece, addresses)
  view.setBigUint64(layout.headerEntry, BigInt(records), true)
  program.records.forEach((record, index) => {
    writeRecord(view, layout.headerSize + index * layout.recordSize, { record, architecture: program.architecture, addresses })
  })
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

function writeData(view: DataView, offset: number, data: Data, addresses: Addresses): void {
  new Uint8Array(view.buffer).set(data.bytes, offset)
  for (const [at, word] of data.words) writeWord(view, offset + at, addresses.ofWord(word))
}

interface RecordToWrite { readonly record: ProgramRecord, readonly architecture: layout.Architecture, readonly addresses: Addresses }

function writeRecord(view: DataView, at: number, { record, architecture, addresses }: RecordToWrite): void {
  const number = record.call === 'compute' ? layout.COMPUTE : syscallNumber(architecture, record.call)
  view.setUint32(at + layout.numberOffset, number, true)
  view.setUint32(at + layout.flagsOffset, recordFlags(record), true)
  record.args.forEach((argument, index) => {
    writeWord(view, at + layout.argumentOffset + 8 * index, argumentWord(argument, addresses))
  })
  if (record.store !== undefined) writeWord(view, at + layout.storeOffset, addresses.ofCell(record.store))
  if (record.jump !== undefined) writeWord(view, at + layout.jumpOffset, addresses.ofLabel(record.jump.to))
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

function recordFlags({ args, ignoreErrors, jump }: ProgramRecord): number {
  let flags = ignoreErrors === true ? layout.IGNORE_ERROR : 0
  for (const sign of jump?.on ?? []) flags |= jumpBits[sign]
  args.forEach((argument, index) => {
    if (typeof argument === 'object' && argument.kind === 'cell') flags |= layout.INDIRECT << index
  })
  return flags
}
