/** The tar reader against GNU tar's archives and against bytes of our own making. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { ByteReader, streamBytes } from '../../../../runtime/images/byte-reader.ts'
import { type TarEntry, TarReader } from '../../../../runtime/images/tar-reader.ts'
import { entryBytes, tarBytes } from '../../../helpers/tar-bytes.ts'

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size)
}

async function readAll(bytes: Buffer, size = 1000): Promise<readonly (TarEntry & { readonly content: string })[]> {
  const reader = new TarReader(new ByteReader(streamBytes(pieces(bytes, size))))
  const found: (TarEntry & { readonly content: string })[] = []
  for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
    const content: Buffer[] = []
    for await (const piece of reader.content()) content.push(piece)
    found.push({ ...entry, content: Buffer.concat(content).toString('latin1') })
  }
  return found
}

for (const format of ['v7', 'oldgnu', 'gnu', 'ustar', 'pax']) {
  test(`an archive of GNU tar in format ${format} is read`, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'tsnet-tar-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const long = format === 'v7' ? 'short' : `${'d'.repeat(60)}/${'e'.repeat(60)}`
    mkdirSync(join(folder, long), { recursive: true })
    writeFileSync(join(folder, long, 'file'), 'x'.repeat(5000), { mode: 0o600 })
    symlinkSync(format === 'gnu' || format === 'pax' ? `/${'t'.repeat(150)}` : '/target', join(folder, 'link'))
    const bytes = execFileSync('tar', ['-C', folder, `--format=${format}`, '--numeric-owner', '--owner=12', '--group=34', '--mtime=@1234567890',
      '-cf', '-', 'link', join(long, 'file')])
    const [link, file] = await readAll(bytes, 700)
    t.like(link, { type: 'symlink', path: 'link', linkPath: format === 'gnu' || format === 'pax' ? `/${'t'.repeat(150)}` : '/target' })
    t.like(file, { type: 'file', path: join(long, 'file'), mode: 0o600, uid: 12, gid: 34, size: 5000, mtimeNs: 1_234_567_890_000_000_000n,
      content: 'x'.repeat(5000) })
  })
}

test('names and attributes keep their bytes', async t => {
  const capability = Buffer.from('0100000280ff000000000000000a3d0a00000000', 'hex')
  const [entry] = await readAll(tarBytes({ name: Buffer.from('caf\xe9', 'latin1'), pax: { 'SCHILY.xattr.security.capability': capability } }))
  t.is(entry?.path, 'caf\xe9')
  t.deepEqual(entry?.xattrs.get('security.capability'), capability)
})

test('a pax header overrides the header, a global one all that follow', async t => {
  const bytes = Buffer.concat([
    entryBytes({ name: 'g', type: 'g', content: '11 uid=7000\n'.replace('11', '12') }),
    tarBytes({ name: 'a', content: 'abc', pax: { path: 'b/ä', uid: '5', mtime: '1.5', 'comment': 'x' } }, { name: 'c' }),
  ])
  const [first, second] = await readAll(bytes)
  t.like(first, { path: Buffer.from('b/ä').toString('latin1'), uid: 5, mtimeNs: 1_500_000_000n, content: 'abc' })
  t.like(second, { path: 'c', uid: 7000 })
})

test('links have no content, whatever size their header claims', async t => {
  const entries = await readAll(tarBytes({ name: 'l', type: '1', link: 'a', size: 4096 }, { name: 'after', content: 'x' }))
  t.deepEqual(entries.map(entry => [entry.path, entry.size]), [['l', 0], ['after', 1]])
})

test('an archive without end mark ends with its last entry', async t => {
  t.is((await readAll(entryBytes({ name: 'a', content: 'abc' }))).length, 1)
})

const good = tarBytes({ name: 'a', content: 'abc' })
for (const [what, bytes, reason] of [
  ['an empty file', Buffer.alloc(0), /the file is empty/],
  ['some text', Buffer.from('hello'), /not a tar archive/],
  ['noise', Buffer.alloc(4096, 'noise'), /not a tar archive/],
  ['content cut off', entryBytes({ name: 'a', content: 'x'.repeat(2000) }).subarray(0, 1500), /truncated/],
  ['padding cut off', good.subarray(0, 520), /truncated/],
  ['a header cut off', Buffer.concat([entryBytes({ name: 'a' }), good.subarray(0, 100)]), /truncated/],
  ['a changed byte in the header', Buffer.concat([Buffer.from('b'), good.subarray(1)]), /wrong checksum/],
  ['a size beyond all numbers', tarBytes({ name: 'a', size: 2 ** 63 }), /bad size/],
  ['a pax header longer than any', tarBytes({ name: 'p', type: 'x', size: 2 ** 30 }), /extension header is 1073741824 bytes/],
  ['a pax record with a wrong length', tarBytes({ name: 'p', type: 'x', content: '99 path=a\n' }, { name: 'a' }), /pax header is damaged/],
  ['a pax size that is no number', tarBytes({ name: 'a', pax: { size: '-1' } }), /bad size/],
  ['a sparse file', tarBytes({ name: 'a', pax: { 'GNU.sparse.major': '1' } }), /sparse file/],
  ['an unknown type', tarBytes({ name: 'a', type: 'Q' }), /unknown type "Q"/],
] as const) {
  test(`${what} is refused`, async t => {
    await t.throwsAsync(readAll(bytes), { code: 'invalid-image', message: reason })
  })
}

test('whatever the bytes are, reading ends with entries or with invalid-image', async t => {
  const archive = tarBytes({ name: 'a', content: 'abc', pax: { path: 'b' } }, { name: 'd/', type: '5' }, { name: 'l', type: '2', link: 'a' })
  await fc.assert(fc.asyncProperty(fc.nat(archive.length - 1), fc.nat(255), fc.nat(archive.length), async (at, value, end) => {
    const bytes = Buffer.from(archive.subarray(0, end))
    if (at < bytes.length) bytes[at] = value
    try {
      await readAll(bytes, 600)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'invalid-image')) throw error
    }
  }), { numRuns: 300 })
  t.pass()
})
