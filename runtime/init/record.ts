/**
 * The binary layout shared by the two interpreters (machine code) and the program builder: one record per system call.
 *
 *     offset  size  field
 *          0     4  number      of the system call, or COMPUTE
 *          4     4  flags       the bits below
 *          8    48  arguments   six words: a value, or (INDIRECT) the address of a cell that holds the value
 *         56     8  store       address that gets the result; 0: nowhere
 *         64     8  jump        address of the record to go on with, if a JUMP bit matches the result
 *
 * A result < 0 for which there is neither JUMP_NEGATIVE nor IGNORE_ERROR is a failure: the address of the record and the
 * result are put into the header, and the record that `header.handler` names runs next.
 *
 * COMPUTE is no system call: its result is `(the word at address argument 0 AND argument 1) - argument 2`. With store and jump
 * it copies, adds, compares and loops; nothing else is needed.
 */
export const recordSize = 72
export const numberOffset = 0
export const flagsOffset = 4
export const argumentOffset = 8
export const storeOffset = 56
export const jumpOffset = 64

/** Bit i of the flags: argument i is the address of a cell. */
export const INDIRECT = 1
export const IGNORE_ERROR = 1 << 6
export const JUMP_NEGATIVE = 1 << 7
export const JUMP_ZERO = 1 << 8
export const JUMP_POSITIVE = 1 << 9
export const COMPUTE = 0xffff_ffff

/** The header is the first thing in the writable segment: entry record, failure handler, failed record, its result. */
export const headerSize = 32
export const headerEntry = 0
export const headerHandler = 8
export const headerFailedRecord = 16
export const headerFailedResult = 24

/** Where the two segments are mapped. 64 KiB apart and congruent to the file offset, so that any page size will do. */
export const codeAddress = 0x40_0000
export const dataSegmentAddress = 0x61_0000

export type Architecture = 'x64' | 'arm64'
