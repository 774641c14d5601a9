/**
 * The helper of `deferred-send.ts` as a static ELF: send what comes through a pipe into a netlink socket, then exit.
 *
 * ```
 *   close_range(0, 2); close_range(5, ~0)      descriptors 3 (socket) and 4 (pipe) stay
 *   if (clone(SIGCHLD) != 0) goto exit         our parent reaps this one at once; the other belongs to init
 *   setsid()                                   no terminal's ^C reaches it
 *   for (;;) {
 *     n = read(4, buffer, 4096); if (n <= 0) goto exit
 *     sendto(3, buffer, n, 0, NULL, 0)         the kernel waits here …
 *   }
 *   exit: exit_group(0)                        … or here, in the last close of an nfnetlink socket
 * ```
 * 117 and 160 bytes of code, assembled by hand: no compiler, no libc, no data. Tests run both, arm64's under qemu.
 */
import { TsnetError } from '../errors/error.ts'

/** [bytes in hexadecimal, instruction] */
export type Listing = readonly (readonly [code: string, instruction: string])[]

export const x64Listing: Listing = [
  ['31ff', 'xor %edi, %edi'],
  ['be02000000', 'mov $2, %esi'],
  ['31d2', 'xor %edx, %edx'],
  ['b8b4010000', 'mov $436, %eax'],
  ['0f05', 'syscall'],
  ['bf05000000', 'mov $5, %edi'],
  ['83ceff', 'or $-1, %esi'],
  ['31d2', 'xor %edx, %edx'],
  ['b8b4010000', 'mov $436, %eax'],
  ['0f05', 'syscall'],
  ['b839000000', 'mov $57, %eax'],
  ['0f05', 'syscall'],
  ['85c0', 'test %eax, %eax'],
  ['7540', 'jne .+66'],
  ['b870000000', 'mov $112, %eax'],
  ['0f05', 'syscall'],
  ['4881ec00100000', 'sub $4096, %rsp'],
  ['bf04000000', 'mov $4, %edi'],
  ['4889e6', 'mov %rsp, %rsi'],
  ['ba00100000', 'mov $4096, %edx'],
  ['31c0', 'xor %eax, %eax'],
  ['0f05', 'syscall'],
  ['4885c0', 'test %rax, %rax'],
  ['7e1c', 'jle .+30'],
  ['bf03000000', 'mov $3, %edi'],
  ['4889e6', 'mov %rsp, %rsi'],
  ['89c2', 'mov %eax, %edx'],
  ['4531d2', 'xor %r10d, %r10d'],
  ['4531c0', 'xor %r8d, %r8d'],
  ['4531c9', 'xor %r9d, %r9d'],
  ['b82c000000', 'mov $44, %eax'],
  ['0f05', 'syscall'],
  ['ebce', 'jmp .-48'],
  ['31ff', 'xor %edi, %edi'],
  ['b8e7000000', 'mov $231, %eax'],
  ['0f05', 'syscall'],
]

export const arm64Listing: Listing = [
  ['000080d2', 'mov x0, #0'],
  ['410080d2', 'mov x1, #2'],
  ['020080d2', 'mov x2, #0'],
  ['883680d2', 'mov x8, #436'],
  ['010000d4', 'svc #0'],
  ['a00080d2', 'mov x0, #5'],
  ['01008012', 'mov w1, #-1'],
  ['020080d2', 'mov x2, #0'],
  ['883680d2', 'mov x8, #436'],
  ['010000d4', 'svc #0'],
  ['200280d2', 'mov x0, #17'],
  ['010080d2', 'mov x1, #0'],
  ['020080d2', 'mov x2, #0'],
  ['030080d2', 'mov x3, #0'],
  ['040080d2', 'mov x4, #0'],
  ['881b80d2', 'mov x8, #220'],
  ['010000d4', 'svc #0'],
  ['800200b5', 'cbnz x0, .+80'],
  ['a81380d2', 'mov x8, #157'],
  ['010000d4', 'svc #0'],
  ['ff0740d1', 'sub sp, sp, #4096'],
  ['800080d2', 'mov x0, #4'],
  ['e1030091', 'mov x1, sp'],
  ['020082d2', 'mov x2, #4096'],
  ['e80780d2', 'mov x8, #63'],
  ['010000d4', 'svc #0'],
  ['1f0000f1', 'cmp x0, #0'],
  ['4d010054', 'b.le .+40'],
  ['e20300aa', 'mov x2, x0'],
  ['600080d2', 'mov x0, #3'],
  ['e1030091', 'mov x1, sp'],
  ['030080d2', 'mov x3, #0'],
  ['040080d2', 'mov x4, #0'],
  ['050080d2', 'mov x5, #0'],
  ['c81980d2', 'mov x8, #206'],
  ['010000d4', 'svc #0'],
  ['f1ffff17', 'b .-60'],
  ['000080d2', 'mov x0, #0'],
  ['c80b80d2', 'mov x8, #94'],
  ['010000d4', 'svc #0'],
]

const machines = {
  x64: { listing: x64Listing, machine: 62 },
  arm64: { listing: arm64Listing, machine: 183 },
} as const

/** The whole file: ELF header, one program header (read and execute), one for a stack that is not executable, code. */
export function helperElf(arch: string = process.arch): Buffer {
  if (arch !== 'x64' && arch !== 'arm64') throw new TsnetError('platform-unsupported', `build the helper: no code for ${arch}`)
  const { listing, machine } = machines[arch]
  const code = Buffer.from(listing.map(([hex]) => hex).join(''), 'hex')
  const header = Buffer.alloc(CODE_OFFSET)
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  header.writeUInt16LE(2, 16) // ET_EXEC
  header.writeUInt16LE(machine, 18)
  header.writeUInt32LE(1, 20)
  header.writeBigUInt64LE(BASE + BigInt(CODE_OFFSET), 24)
  header.writeBigUInt64LE(64n, 32)
  header.writeUInt16LE(64, 52)
  header.writeUInt16LE(56, 54)
  header.writeUInt16LE(2, 56)
  writeProgramHeader(header, 64, { type: 1, flags: 5, address: BASE, size: CODE_OFFSET + code.length }) // PT_LOAD
  writeProgramHeader(header, 120, { type: 0x6474_e551, flags: 6, address: 0n, size: 0 }) // PT_GNU_STACK
  return Buffer.concat([header, code])
}

interface ProgramHeader { readonly type: number, readonly flags: number, readonly address: bigint, readonly size: number }

function writeProgramHeader(buffer: Buffer, offset: number, { type, flags, address, size }: ProgramHeader): void {
  buffer.writeUInt32LE(type, offset)
  buffer.writeUInt32LE(flags, offset + 4)
  buffer.writeBigUInt64LE(0n, offset + 8)
  buffer.writeBigUInt64LE(address, offset + 16)
  buffer.writeBigUInt64LE(address, offset + 24)
  buffer.writeBigUInt64LE(BigInt(size), offset + 32)
  buffer.writeBigUInt64LE(BigInt(size), offset + 40)
  buffer.writeBigUInt64LE(65536n, offset + 48)
}

const BASE = 0x40_0000n
const CODE_OFFSET = 176
