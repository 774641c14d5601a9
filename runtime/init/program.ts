/**
 * The builder of a program: an ordered list of system calls with their data, as plain values.
 *
 * A record's arguments are numbers, constants by name, pieces of data (their address is filled in at the end) or cells (their
 * content at run time: the result of an earlier record). Every record has a human name, which is what a failure is reported by.
 * What it is at run time: record.ts. What it looks like to a person: explain.ts. What it becomes: link.ts.
 */
import { constant, type Constant, type ConstantName } from './kernel-constants.ts'
import type { Architecture } from './record.ts'
import type { SyscallName } from './syscalls-table.ts'

/** A word inside a piece of data: a number, or the address of other data, of a cell or of a record. */
export type Word = number | bigint | Data | Address | Label

export interface Data {
  readonly kind: 'data'
  /** What a listing shows for it. */
  readonly text: string
  /** Zeroed memory that takes no space in the file. */
  readonly reserved: boolean
  readonly size: number
  readonly bytes: Uint8Array
  /** In place of bytes: consecutive 64 bit words. */
  readonly words: readonly Word[]
}

/** A word of memory that records read and write by name. */
export interface Cell { readonly kind: 'cell', readonly name: string, readonly data: Data, readonly offset: number }

/** Where a cell is, as against what it holds. */
export interface Address { readonly kind: 'address', readonly cell: Cell }

/** A piece of data stands for its address, a cell for its content. */
export type Argument = number | bigint | Constant | Data | Cell | Address

export interface Label { readonly kind: 'label', readonly name: string }

export type ResultSign = 'negative' | 'zero' | 'positive'
export interface Jump { readonly on: readonly ResultSign[], readonly to: Label }

export interface RecordOptions {
  readonly store?: Cell
  readonly jump?: Jump
  readonly ignoreErrors?: boolean
}

export interface ProgramRecord extends RecordOptions {
  readonly step: string
  readonly call: SyscallName | 'compute'
  readonly args: readonly Argument[]
}

export interface Computation {
  readonly cell: Cell
  readonly mask?: bigint
  readonly subtract?: number | bigint | Cell
}

const noBytes = new Uint8Array(0)
const always: readonly ResultSign[] = ['negative', 'zero', 'positive']
const everyBit = 0xffff_ffff_ffff_ffffn

export class Program {
  readonly architecture: Architecture
  readonly records: ProgramRecord[] = []
  readonly data: Data[] = []
  readonly labels = new Map<Label, number>()
  readonly #constants = new Map<string, Data>()
  /** The failure handler's cell in the header: see `onFailure`. */
  readonly handler: Cell

  constructor(architecture: Architecture) {
    this.architecture = architecture
    const header: Data = { kind: 'data', text: 'header', reserved: false, size: 32, bytes: new Uint8Array(32), words: [] }
    this.data.push(header)
    this.handler = { kind: 'cell', name: 'failure handler', data: header, offset: 8 }
  }

  /** Address of the failed record, then its result: 16 bytes. */
  get failure(): Cell { return { kind: 'cell', name: 'failure', data: this.handler.data, offset: 16 } }

  flags(...names: readonly ConstantName[]): Constant { return constant(this.architecture, ...names) }

  /** One system call. An error is a failure, unless it is ignored or jumped on. */
  call(step: string, call: SyscallName, args: readonly Argument[], options: RecordOptions = {}): void {
    this.records.push({ step, call, args, ...options })
  }

  /** `(cell AND mask) - subtract`, stored or jumped on; never a failure. */
  compute(step: string, { cell, mask = everyBit, subtract = 0 }: Computation, options: RecordOptions): void {
    this.records.push({ step, call: 'compute', args: [addressOf(cell), mask, subtract], ignoreErrors: true, ...options })
  }

  /** Fails as if a system call had returned -errno, or the (negative) result that the cell holds. */
  fail(step: string, errno: number | Cell): void {
    if (typeof errno !== 'number') this.records.push({ step, call: 'compute', args: [addressOf(errno), everyBit, 0] })
    else this.records.push({ step, call: 'compute', args: [addressOf(this.handler), 0n, errno] })
  }

  jump(to: Label): void {
    this.compute(`go to ${to.name}`, { cell: this.handler, mask: 0n }, { jump: { on: always, to } })
  }

  /** From here on a failure goes on at `label`. */
  onFailure(label: Label): void {
    const cell: Cell = { kind: 'cell', name: label.name, data: this.words(`address of ${label.name}`, [label]), offset: 0 }
    this.compute(`on failure go to ${label.name}`, { cell }, { store: this.handler })
  }

  label(name: string): Label { return { kind: 'label', name } }
  place(label: Label): void { this.labels.set(label, this.records.length) }

  cell(name: string, initial: number | bigint = 0): Cell {
    return { kind: 'cell', name, data: this.words(name, [initial]), offset: 0 }
  }

  /** A word inside a piece of data, by its offset. */
  cellAt(name: string, data: Data, offset: number): Cell { return { kind: 'cell', name, data, offset } }

  /** A NUL-terminated string; the same text is kept once. */
  string(text: string): Data {
    return this.#once(`"${text}`, () => this.bytes(JSON.stringify(text), Buffer.from(`${text}\0`)))
  }

  bytes(text: string, bytes: Uint8Array): Data { return this.#add({ text, reserved: false, size: bytes.length, bytes, words: [] }) }

  /** Consecutive 64 bit words. */
  words(text: string, words: readonly Word[]): Data {
    return this.#add({ text, reserved: false, size: words.length * 8, bytes: noBytes, words })
  }

  /** Words that no record writes to; those with the same text are kept once. */
  constantWords(text: string, words: readonly number[]): Data {
    return this.#once(text, () => this.words(text, words))
  }

  /** A NULL-terminated array of strings, as execve takes it. */
  strings(texts: readonly string[]): Data {
    return this.words(`[${texts.map(text => JSON.stringify(text)).join(', ')}]`, [...texts.map(text => this.string(text)), 0])
  }

  reserve(text: string, size: number): Data {
    return this.#add({ text, reserved: true, size, bytes: noBytes, words: [] })
  }

  #once(text: string, make: () => Data): Data {
    const data = this.#constants.get(text) ?? make()
    this.#constants.set(text, data)
    return data
  }

  #add(parts: Omit<Data, 'kind'>): Data {
    const data: Data = { kind: 'data', ...parts }
    this.data.push(data)
    return data
  }
}

export function addressOf(cell: Cell): Address { return { kind: 'address', cell } }
