import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { explain } from '../../../../runtime/init/explain.ts'
import { link } from '../../../../runtime/init/link.ts'
import type { ConstantName } from '../../../../runtime/init/kernel-constants.ts'
import { addressOf, Program } from '../../../../runtime/init/program.ts'
import type { Architecture } from '../../../../runtime/init/record.ts'
import { writeByte, writeDecimal } from '../../../../runtime/init/shim/decimal.ts'

/** The foreign architecture runs under qemu-user. */
function execute(t: ExecutionContext, program: Program): { readonly status: number | null, readonly stdout: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-test-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const file = join(folder, 'program')
  writeFileSync(file, link(program).image, { mode: 0o755 })
  const native = program.architecture === process.arch
  const emulator = program.architecture === 'arm64' ? 'qemu-aarch64' : 'qemu-x86_64'
  const result = native ? spawnSync(file) : spawnSync(emulator, [file])
  if (result.error !== undefined) throw result.error
  return result
}

for (const architecture of ['x64', 'arm64'] as const satisfies readonly Architecture[]) {
  test(`${architecture}: records run in order, with data, and the program ends with its status`, t => {
    const program = new Program(architecture)
    program.call('say hello', 'write', [1, program.string('hello\n'), 6])
    program.call('end', 'exit_group', [42])
    const { status, stdout } = execute(t, program)
    t.deepEqual([status, String(stdout)], [42, 'hello\n'])
  })

  test(`${architecture}: a result is stored and used, jumps go by its sign`, t => {
    const program = new Program(architecture)
    const [left, written] = [program.cell('left', 3), program.cell('written')]
    const [again, negative] = [program.label('again'), program.label('negative')]
    program.place(again)
    program.call('write', 'write', [1, program.string('x'), 1], { store: written })
    program.compute('one less', { cell: left, subtract: written }, { store: left, jump: { on: ['positive'], to: again } })
    program.compute('below zero', { cell: left, subtract: 1 }, { jump: { on: ['negative'], to: negative } })
    program.call('wrong', 'exit_group', [1])
    program.place(negative)
    program.call('end', 'exit_group', [0])
    const { status, stdout } = execute(t, program)
    t.deepEqual([status, String(stdout)], [0, 'xxx'])
  })

  test(`${architecture}: a failure names its record and errno, an ignored error does not`, t => {
    const program = new Program(architecture)
    const failed = program.label('failed')
    const open = [program.flags('AT_FDCWD'), program.string('/dev/null/missing'), program.flags('O_RDONLY'), 0]
    program.onFailure(failed)
    program.call('open it in vain', 'openat', open, { ignoreErrors: true })
    program.call('open it', 'openat', open)
    program.call('wrong', 'exit_group', [1])
    program.place(failed)
    program.call('report', 'write', [1, addressOf(program.failure), 16])
    program.call('end', 'exit_group', [125])
    const { status, stdout } = execute(t, program)
    t.is(status, 125)
    t.is(link(program).recordAt(Number(stdout.readBigInt64LE(0)))?.step, 'open it')
    t.is(stdout.readBigInt64LE(8), -20n)
  })

  test(`${architecture}: a program may fail with an errno of its own, or with a result that was kept`, t => {
    for (const kept of [false, true]) {
      const program = new Program(architecture)
      const failed = program.label('failed')
      program.onFailure(failed)
      program.fail('refuse', kept ? program.cell('kept', -13) : 13)
      program.place(failed)
      program.call('report', 'write', [1, addressOf(program.failure), 16])
      program.call('end', 'exit_group', [0])
      t.is(execute(t, program).stdout.readBigInt64LE(8), -13n)
    }
  })

  test(`${architecture}: numbers become decimal text`, t => {
    const program = new Program(architecture)
    const text = program.reserve('text', 32)
    writeDecimal(program, { value: program.cell('value', 1_795_208_056), text, offset: 0, digits: 12 })
    writeByte(program, program.cellAt('end', text, 12), '\n')
    program.call('write it', 'write', [1, text, 13])
    program.call('end', 'exit_group', [0])
    t.is(String(execute(t, program).stdout), '001795208056\n')
  })
}

test('a listing names every record, its arguments and where it goes', t => {
  const program = new Program('x64')
  const [fd, missing] = [program.cell('fd'), program.label('missing')]
  program.call('open it', 'openat', [program.flags('AT_FDCWD'), program.string('/x'), program.flags('O_RDONLY', 'O_CLOEXEC'), 0], {
    store: fd, jump: { on: ['negative'], to: missing },
  })
  program.call('close it', 'close', [fd], { ignoreErrors: true })
  program.place(missing)
  program.call('end', 'exit_group', [0])
  t.deepEqual(explain(program), [
    '  openat(AT_FDCWD, "/x", O_RDONLY|O_CLOEXEC, 0) = fd → missing if negative  # open it',
    '  close(fd) (errors ignored)  # close it',
    'missing:',
    '  exit_group(0)  # end',
  ])
})

test('the same text is kept once, and data of another program is a defect', t => {
  const [one, other] = [new Program('x64'), new Program('x64')]
  t.is(one.string('text'), one.string('text'))
  other.call('write', 'write', [1, one.string('text'), 4])
  t.throws(() => link(other), { message: /belongs to another program/ })
})

test('a jump to a label that was never placed is a defect', t => {
  const program = new Program('x64')
  program.jump(program.label('nowhere'))
  t.throws(() => link(program), { message: /nowhere was never placed/ })
})

test('flags are or\'ed together, whatever their sign and size', t => {
  const value = (...names: readonly ConstantName[]): number => new Program('x64').flags(...names).value
  t.is(value(), 0)
  t.is(value('AT_FDCWD'), -100)
  t.is(value('CLONE_INTO_CGROUP', 'CLONE_NEWNET', 'CLONE_PIDFD'), 0x2_4000_1000)
  t.is(value('OPEN_TREE_CLOEXEC', 'O_CLOEXEC'), 0o2000000)
  t.is(value('MOUNT_ATTR__ATIME', 'MOUNT_ATTR_STRICTATIME'), 0x70)
})

test('data that does not change is kept once, whichever record needs it', t => {
  const program = new Program('x64')
  t.is(program.string('a'), program.string('a'))
  t.is(program.constantWords('{1}', [1]), program.constantWords('{1}', [1]))
  t.not(program.string('{1}'), program.constantWords('{1}', [1]))
  t.not(program.words('{1}', [1]), program.words('{1}', [1]))
})

test('open flags have the numbers of the architecture', t => {
  t.is(new Program('x64').flags('O_DIRECTORY').value, 0o200000)
  t.is(new Program('arm64').flags('O_DIRECTORY').value, 0o40000)
  t.is(new Program('arm64').flags('O_NOFOLLOW', 'O_CLOEXEC').value, 0o2100000)
})
