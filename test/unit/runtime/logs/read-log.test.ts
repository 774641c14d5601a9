import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { LogOptions } from '../../../../runtime/container-service-api.ts'
import { logHeaderWords, type LogStream } from '../../../../runtime/init/log-format.ts'
import { LineAssembler } from '../../../../runtime/logs/lines.ts'
import { readLog } from '../../../../runtime/logs/read-log.ts'

function frame(data: string, timeMs = 1, stream: LogStream = 'stdout'): Buffer {
  const [, , , streamAndMagic = 0n] = logHeaderWords(stream)
  const words = [BigInt(Math.floor(timeMs / 1000)), BigInt(timeMs % 1000) * 1_000_000n, BigInt(Buffer.byteLength(data)),
    streamAndMagic]
  const header = Buffer.alloc(32)
  words.forEach((word, i) => { header.writeBigUInt64LE(word, i * 8) })
  return Buffer.concat([header, Buffer.from(data)])
}
const defaults: LogOptions = { follow: false, timestamps: false }

function folder(t: ExecutionContext, ...frames: readonly Buffer[]): { directory: string, path: string } {
  const directory = mkdtempSync(join(tmpdir(), 'tsnet-log-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const path = join(directory, 'log')
  writeFileSync(path, Buffer.concat(frames))
  return { directory, path }
}

async function lines(log: { directory: string, path: string }, options: Partial<LogOptions>): Promise<string[]> {
  const source = { ...log, hasEnded: () => true }
  return (await Array.fromAsync(readLog(source, { ...defaults, ...options }))).map(line => line.data.toString())
}

test('frames are put together to lines, and the rest comes at the end', async t => {
  const log = folder(t, frame('a\nb'), frame('c\n'), frame('e', 1, 'stderr'), frame('d'))
  t.deepEqual(await lines(log, {}), ['a\n', 'bc\n', 'e', 'd'])
})

test('the last lines are counted over both streams', async t => {
  const log = folder(t, ...Array.from({ length: 5000 }, (_, i) => frame(`${i}\n`, 1, i % 2 ? 'stderr' : 'stdout')))
  t.deepEqual(await lines(log, { tail: 3 }), ['4997\n', '4998\n', '4999\n'])
  t.deepEqual(await lines(log, { tail: 0 }), [])
  t.is((await lines(log, {})).length, 5000)
})

test('since and until are inclusive', async t => {
  const log = folder(t, frame('1\n', 1), frame('2\n', 2), frame('3\n', 3))
  t.deepEqual(await lines(log, { sinceMs: 2 }), ['2\n', '3\n'])
  t.deepEqual(await lines(log, { untilMs: 2 }), ['1\n', '2\n'])
})

test('a frame that is not whole yet is left out', async t => {
  const log = folder(t, frame('a\n'), frame('b\n').subarray(0, 33))
  t.deepEqual(await lines(log, {}), ['a\n'])
})

test('what is written while the log is read is the next reader\'s, so that a flood has an end', async t => {
  const log = folder(t, frame('a\n'))
  const seen: string[] = []
  for await (const { data } of readLog({ ...log, hasEnded: () => false }, defaults)) {
    seen.push(data.toString())
    appendFileSync(log.path, frame('b\n'))
  }
  t.deepEqual(seen, ['a\n'])
})

test('a missing log has no lines', async t => {
  t.deepEqual(await lines({ directory: '/dev/null/missing', path: '/dev/null/missing/log' }, { follow: true }), [])
})

test('following gives what is written later, and ends with the container', async t => {
  const log = folder(t, frame('a\n'))
  let ended = false
  const following = readLog({ ...log, hasEnded: () => ended }, { ...defaults, follow: true })
  t.is(String((await following.next()).value?.data), 'a\n')
  const next = following.next()
  appendFileSync(log.path, frame('b\nc'))
  t.is(String((await next).value?.data), 'b\n')
  ended = true
  writeFileSync(join(log.directory, 'status'), '0 0 0\n')
  t.is(String((await following.next()).value?.data), 'c')
  t.true((await following.next()).done)
})

test('following ends at the time given with until', async t => {
  const log = folder(t, frame('a\n'))
  const source = { ...log, hasEnded: () => false }
  const all = await Array.fromAsync(readLog(source, { ...defaults, follow: true, untilMs: Date.now() + 30 }))
  t.is(all.length, 1)
})

test('a line of more than 16 KiB comes in pieces', t => {
  const assembler = new LineAssembler()
  const data = Buffer.from(`${'x'.repeat(40_000)}\n`)
  const pieces = assembler.push({ stream: 'stdout', timeNs: 1n, data })
  t.deepEqual(pieces.map(piece => piece.data.length), [16_384, 16_384, 7233])
  t.deepEqual(Buffer.concat(pieces.map(piece => piece.data)), data)
})
