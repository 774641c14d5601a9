import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { AssemblerArm64 } from '../../../../runtime/init/assembler-arm64.ts'
import { AssemblerX64 } from '../../../../runtime/init/assembler-x64.ts'
import { interpreterArm64 } from '../../../../runtime/init/interpreter-arm64.ts'
import { interpreterX64 } from '../../../../runtime/init/interpreter-x64.ts'

const sources = join(import.meta.dirname, '../../../../runtime/init')

/** The bytes of a disassembler's listing: `offset: bytes <tab> instruction`. */
function listed(file: string): string {
  const lines = readFileSync(join(sources, file), 'utf8').split('\n').filter(line => /^\s*[0-9a-f]+:\t/.test(line))
  return lines.map(line => (line.split('\t')[1] ?? '').replaceAll(' ', '')).join('')
}

test('the x86-64 interpreter is, byte for byte, what its listing shows', t => {
  t.is(Buffer.from(interpreterX64(0x61_0210)).toString('hex'), listed('interpreter-x64.listing.txt'))
})

test('the arm64 interpreter is, byte for byte, what its listing shows', t => {
  t.is(Buffer.from(interpreterArm64(0x61_01b0)).toString('hex'), listed('interpreter-arm64.listing.txt'))
})

test('the interpreters do not change their size with the address of the header', t => {
  t.is(interpreterX64(0).length, interpreterX64(0x7fff_fff0).length)
  t.is(interpreterArm64(0).length, interpreterArm64(0x7fff_fff0).length)
})

test('a jump to a label that was never placed is a defect', t => {
  const x64 = new AssemblerX64()
  x64.jump('nowhere')
  t.throws(() => x64.assemble(), { message: /no label nowhere/ })
  const arm64 = new AssemblerArm64()
  arm64.jump('nowhere')
  t.throws(() => arm64.assemble(), { message: /no label nowhere/ })
})

test('a register that needs another encoding is refused as a base', t => {
  t.throws(() => { new AssemblerX64().load64('rax', 'r12', 0) }, { instanceOf: RangeError })
  t.throws(() => { new AssemblerX64().load64('rax', 'rsp', 0) }, { instanceOf: RangeError })
})
