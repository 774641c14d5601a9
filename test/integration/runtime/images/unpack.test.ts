/** Layers onto the disk: what arrives, what is refused, and that nothing ever lands outside. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import test, { type ExecutionContext } from 'ava'
import { MergedView } from '../../../../runtime/rootfs/merged-view.ts'
import { type UnpackLimits, type UnpackedLayer, unpackLayer } from '../../../../runtime/images/unpack.ts'
import { requires } from '../../../helpers/requires.ts'
import { type TarBytesEntry, entryBytes, tarBytes } from '../../../helpers/tar-bytes.ts'
import { streamOf } from './stores.ts'

interface Unpacked extends UnpackedLayer { readonly path: string }

function folder(t: ExecutionContext): string {
  const path = mkdtempSync('/var/lib/unpack-')
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

async function unpack(t: ExecutionContext, bytes: Buffer, options: { lower?: readonly string[], limits?: UnpackLimits } = {}): Promise<Unpacked> {
  const path = join(folder(t), 'fs')
  mkdirSync(path)
  const { lower = [], limits } = options
  const layer = await unpackLayer({ source: streamOf(bytes), target: path, lower: new MergedView(lower), ...limits && { limits } })
  return { ...layer, path }
}

const dir = (name: string, more: Partial<TarBytesEntry> = {}): TarBytesEntry => ({ name, type: '5', mode: 0o755, ...more })
const file = (name: string, content = '', more: Partial<TarBytesEntry> = {}): TarBytesEntry => ({ name, content, ...more })
const symlink = (name: string, link: string): TarBytesEntry => ({ name, type: '2', link })
const hardlink = (name: string, link: string): TarBytesEntry => ({ name, type: '1', link })
const read = (...parts: string[]): string => readFileSync(join(...parts), 'utf8')

// What must not be there afterwards, wherever a test tries to write it.
const canary = '/var/lib/pwned'

for (const [what, entries, reason] of [
  ['".." at the start', [file('../pwned')], /leads out of the root with "\.\."/],
  ['".." in the middle', [dir('a'), file('a/../../pwned')], /leads out of the root/],
  ['an absolute name with ".."', [file('/../../var/lib/pwned')], /leads out of the root/],
  ['a relative link that climbs out', [symlink('a', '../../../var/lib'), file('a/pwned')], /symbolic link to "\.\.\/\.\.\/\.\.\/var\/lib", which leads out/],
  ['a hard link out of the root', [hardlink('a', '../../etc/passwd')], /hard link to "\.\.\/\.\.\/etc\/passwd"/],
  ['a hard link to a file that is not there', [hardlink('a', 'b')], /which is no file of the image/],
  ['a hard link to an absolute host path', [hardlink('a', '/etc/hostname')], /which is no file of the image/],
  ['a hard link through a link out of the root', [symlink('e', '/etc'), hardlink('a', 'e/passwd')], /no file of the image/],
  ['a hard link to a directory', [dir('d'), hardlink('a', 'd')], /entry "a"/],
  ['a file below a file', [file('a'), file('a/b')], /entry below "a": that is not a directory/],
  ['a file below a device', [{ name: 'n', type: '3', major: 1, minor: 3 }, file('n/b')], /not a directory/],
  ['a file below a dangling link', [symlink('a', 'nowhere'), file('a/b')], /entry below "a"/],
  ['a file below links in a circle', [symlink('a', 'b'), symlink('b', 'a'), file('a/x')], /go round in a circle/],
  ['a bare whiteout', [file('.wh.')], /whiteout of nothing/],
  ['a whiteout of ".."', [dir('a'), file('a/.wh...')], /whiteout of nothing/],
  ['a root that is a link', [symlink('./', '/etc')], /the root is not a directory/],
  ['a device number beyond all', [{ name: 'n', type: '3', major: 5000, minor: 1 }], /5000:1 is too large/],
  ['a name with NUL', [file('a', '', { pax: { path: 'a\0b' } })], /NUL/],
  ['a component of 256 letters', [file('a', '', { pax: { path: 'x'.repeat(256) } })], /too long a name/],
] as const) {
  test.serial(`${what} is refused, and nothing is outside`, async t => {
    if (!requires.root(t)) return
    const before = readdirSync('/var/lib').filter(name => !name.startsWith('unpack-'))
    await t.throwsAsync(unpack(t, tarBytes(...entries)), { code: 'invalid-image', message: reason })
    t.deepEqual(readdirSync('/var/lib').filter(name => !name.startsWith('unpack-')), before)
    t.false(existsSync(canary))
  })
}

test('absolute names are names below the root', async t => {
  if (!requires.root(t)) return
  const { path } = await unpack(t, tarBytes(file('/var/lib/pwned', 'inside')))
  t.is(read(path, 'var/lib/pwned'), 'inside')
  t.false(existsSync(canary))
})

test('writing through an absolute link stays below the root', async t => {
  if (!requires.root(t)) return
  const { path } = await unpack(t, tarBytes(dir('var'), dir('var/lib'), symlink('a', '/var/lib'), file('a/pwned', 'inside')))
  t.is(read(path, 'var/lib/pwned'), 'inside')
  t.is(readlinkSync(join(path, 'a')), '/var/lib')
  t.false(existsSync(canary))
})

test('a link in /proc does not lead out either', async t => {
  if (!requires.root(t)) return
  await t.throwsAsync(unpack(t, tarBytes(symlink('a', '/proc/self/root'), file('a/var/lib/pwned'))), { code: 'invalid-image' })
  t.false(existsSync(canary))
})

test('a later entry takes the place of an earlier one, whatever both are', async t => {
  if (!requires.root(t)) return
  const { path } = await unpack(t, tarBytes(
    dir('a'), file('a/inner'), { name: 'a', type: '3', major: 1, minor: 3, mode: 0o666 },
    symlink('b', '/etc'), dir('b'), file('b/x', 'mine'),
    file('c', 'first', { mode: 0o600 }), file('c', 'second', { mode: 0o640 }),
    dir('d', { mode: 0o700 }), file('d/kept', 'kept'), dir('d', { mode: 0o711 }),
    symlink('e', '/etc/passwd'), file('e', 'file'),
    file('f', 'original'), hardlink('g', 'f'), file('f', 'new'),
  ))
  t.true(lstatSync(join(path, 'a')).isCharacterDevice())
  t.true(lstatSync(join(path, 'b')).isDirectory())
  t.is(read(path, 'c'), 'second')
  t.is(statSync(join(path, 'c')).mode & 0o777, 0o640)
  t.is(read(path, 'd/kept'), 'kept')
  t.is(statSync(join(path, 'd')).mode & 0o777, 0o711)
  t.is(read(path, 'e'), 'file')
  t.is(read(path, 'g'), 'original')
})

test('owner, mode, time, setuid, devices, fifos, hard links and attributes arrive', async t => {
  if (!requires.root(t)) return
  const capability = Buffer.from('0100000280ff00000000000000000000ff000000', 'hex').subarray(0, 20)
  const { path, sizeBytes, entries } = await unpack(t, tarBytes(
    dir('d', { mode: 0o3775, uid: 7, gid: 8, mtime: 1_111_111_111 }),
    file('d/su', 'x', { mode: 0o6755, uid: 1000, gid: 1001, pax: { mtime: '1234567890.123456789' } }),
    hardlink('d/su2', 'd/su'),
    file('cap', 'x', { mode: 0o755, uid: 3, pax: { 'SCHILY.xattr.security.capability': capability, 'SCHILY.xattr.user.a': 'b',
      'SCHILY.xattr.trusted.overlay.redirect': '/etc' } }),
    { name: 'null', type: '3', major: 1, minor: 3, mode: 0o666 }, { name: 'disk', type: '4', major: 259, minor: 70000, mode: 0o660, gid: 6 },
    { name: 'pipe', type: '6', mode: 0o622 }, symlink('l', '/nowhere'),
  ))
  const stat = (name: string, format: string): string => execFileSync('stat', ['-c', format, join(path, name)], { encoding: 'utf8' }).trim()
  t.is(stat('d', '%a %u %g %Y'), '3775 7 8 1111111111')
  t.is(stat('d/su', '%a %u %g %h'), '6755 1000 1001 2')
  t.is(stat('d/su', '%.9Y'), '1234567890.123456789')
  t.is(stat('d/su', '%i'), stat('d/su2', '%i'))
  t.is(stat('null', '%F %a %t:%T'), 'character special file 666 1:3')
  t.is(stat('disk', '%F %a %g %t:%T'), 'block special file 660 6 103:11170')
  t.is(stat('pipe', '%F %a'), 'fifo 622')
  t.is(stat('l', '%F %N %Y'), `symbolic link '${join(path, 'l')}' -> '/nowhere' 1000000000`)
  const dump = execFileSync('tar', ['-C', path, '--xattrs', '--xattrs-include=*', '-cf', '-', 'cap'])
  t.true(dump.includes(Buffer.concat([Buffer.from('SCHILY.xattr.security.capability='), capability])))
  t.true(dump.includes('SCHILY.xattr.user.a=b'))
  t.false(dump.includes('overlay'))
  t.deepEqual([sizeBytes, entries], [2, 8])
})

test('names that are no UTF-8 keep their bytes', async t => {
  if (!requires.root(t)) return
  const { path } = await unpack(t, tarBytes(dir('d'), { name: Buffer.from('d/caf\xe9', 'latin1'), content: 'x' }))
  t.deepEqual(readdirSync(Buffer.from(join(path, 'd')), { encoding: 'buffer' }), [Buffer.from('caf\xe9', 'latin1')])
})

test('missing directories above an entry are made', async t => {
  if (!requires.root(t)) return
  const { path, usedLower } = await unpack(t, tarBytes(file('a/b/c', 'x')))
  t.is(statSync(join(path, 'a/b')).mode & 0o7777, 0o755)
  t.false(usedLower)
})

test('directories and hard link targets that only lower layers have come from there', async t => {
  if (!requires.root(t)) return
  const lower = await unpack(t, tarBytes(dir('home', { mode: 0o711 }), dir('home/u', { uid: 1000, mode: 0o700 }), file('home/u/f', 'lower', { uid: 1000, mode: 0o4755 })))
  const upper = await unpack(t, tarBytes(file('home/u/new', 'x'), hardlink('link', 'home/u/f')), { lower: [lower.path] })
  t.true(upper.usedLower)
  t.is(statSync(join(upper.path, 'home')).mode & 0o7777, 0o711)
  t.is(statSync(join(upper.path, 'home/u')).uid, 1000)
  t.is(read(upper.path, 'link'), 'lower')
  t.is(statSync(join(upper.path, 'link')).mode & 0o7777, 0o4755)
  t.is(statSync(join(upper.path, 'link')).ino, statSync(join(upper.path, 'home/u/f')).ino)
})

/** The merged tree as the kernel shows it: `ls -R` of a real overlay mount. */
function mountedTree(t: ExecutionContext, lowers: readonly string[]): string {
  const at = join(folder(t), 'merged')
  mkdirSync(at)
  execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${lowers.join(':')}`, at])
  try {
    return execFileSync('find', ['.', '-mindepth', '1', '-printf', '%P %y\\n'], { cwd: at, encoding: 'utf8' }).trim().split('\n').toSorted().join('\n')
  } finally {
    execFileSync('umount', [at])
  }
}

test('overlayfs shows two layers with whiteouts and opaque directories as the archive means them', async t => {
  if (!requires.root(t)) return
  const base = await unpack(t, tarBytes(
    dir('etc'), file('etc/gone'), file('etc/kept'), dir('opaque'), file('opaque/old'), dir('deleted'), file('deleted/x'),
    dir('replaced'), file('replaced/old'), dir('late'), file('late/old'), dir('implicit'), file('implicit/old'), file('tofile'),
  ))
  const top = await unpack(t, tarBytes(
    dir('etc'), file('etc/.wh.gone'), file('etc/new'),
    dir('opaque'), file('opaque/new'), file('opaque/.wh..wh..opq'),
    file('.wh.deleted'), file('.wh.nowhere'),
    file('.wh.replaced'), dir('replaced'), file('replaced/new'),
    dir('late'), file('late/new'), file('.wh.late'),
    file('.wh.implicit'), file('implicit/new'),
    file('.wh.tofile'), file('tofile', 'own'),
  ), { lower: [base.path] })
  t.is(execFileSync('stat', ['-c', '%F %t:%T', join(top.path, 'deleted')], { encoding: 'utf8' }).trim(), 'character special file 0:0')
  const expected = [
    'etc d', 'etc/kept f', 'etc/new f', 'implicit d', 'implicit/new f', 'late d', 'late/new f', 'opaque d', 'opaque/new f',
    'replaced d', 'replaced/new f', 'tofile f',
  ].join('\n')
  t.is(mountedTree(t, [top.path, base.path]), expected)

  const view = new MergedView([top.path, base.path])
  const seen: string[] = []
  const walk = (path: string): void => {
    const node = view.lookup(path)
    if (node?.kind !== 'directory') return
    for (const [name, child] of view.children(node)) {
      const below = path === '' ? name : `${path}/${name}`
      seen.push(`${below} ${child.kind === 'directory' ? 'd' : 'f'}`)
      walk(below)
    }
  }
  walk('')
  t.is(seen.toSorted().join('\n'), expected, 'the view without a mount agrees with the kernel')
})

test('plain, gzip and zstd give the same layer; digests are of the blob and of the archive', async t => {
  if (!requires.root(t)) return
  const bytes = tarBytes(dir('a'), file('a/b', 'x'.repeat(100_000)))
  const sha = (data: Buffer): `sha256:${string}` => `sha256:${createHash('sha256').update(data).digest('hex')}`
  for (const blob of [bytes, gzipSync(bytes), zstdCompressSync(bytes), Buffer.concat([gzipSync(bytes.subarray(0, 700)), gzipSync(bytes.subarray(700))])]) {
    const layer = await unpack(t, blob)
    t.is(layer.diffId, sha(bytes))
    t.is(layer.digest, sha(blob))
    t.is(read(layer.path, 'a/b').length, 100_000)
  }
})

test('what follows the end mark counts for the digest', async t => {
  if (!requires.root(t)) return
  const bytes = Buffer.concat([tarBytes(file('a')), Buffer.alloc(8192, 1)])
  t.is((await unpack(t, bytes)).diffId, `sha256:${createHash('sha256').update(bytes).digest('hex')}`)
})

for (const [what, bytes, reason] of [
  ['gzip cut off', gzipSync(tarBytes(file('a', 'x'.repeat(5000)))).subarray(0, 50), /gzip data is damaged or cut off/],
  ['gzip with changed bytes', gzipSync(tarBytes(file('a', 'x'))).fill(0x55, 20, 30), /gzip data is damaged/],
  ['zstd cut off', zstdCompressSync(tarBytes(file('a', 'x'.repeat(5000)))).subarray(0, 30), /zstd data is damaged|truncated/],
  ['xz', Buffer.from('fd377a585a000004', 'hex'), /compressed with xz, which tsnet does not read: pipe it through `xz -dc`/],
  ['a cut archive', entryBytes(file('a', 'x'.repeat(2000))).subarray(0, 1200), /truncated/],
] as const) {
  test(`${what} is refused`, async t => {
    if (!requires.root(t)) return
    await t.throwsAsync(unpack(t, bytes), { code: 'invalid-image', message: reason })
  })
}

test('a layer that unpacks to too much stops early', async t => {
  if (!requires.root(t)) return
  const bomb = gzipSync(tarBytes(file('zeros', 'x'.repeat(3_000_000))))
  await t.throwsAsync(unpack(t, bomb, { limits: { maxBytes: 1_000_000, maxEntries: 10 } }), { code: 'invalid-image', message: /more than 1000000 bytes/ })
  await t.throwsAsync(unpack(t, tarBytes(...Array.from({ length: 11 }, (_, i) => file(`f${i}`))), { limits: { maxBytes: 100, maxEntries: 10 } }),
    { code: 'invalid-image', message: /more than 10 entries/ })
  await t.throwsAsync(unpack(t, tarBytes(file('a', '', { size: 2 ** 45 }))), { code: 'invalid-image', message: /unpacks to more than/ })
})

test('GNU tar and tsnet unpack the same tree', async t => {
  if (!requires.root(t)) return
  const source = folder(t)
  mkdirSync(join(source, 'deep/er'), { recursive: true })
  writeFileSync(join(source, 'deep/er/file'), 'content', { mode: 0o640 })
  execFileSync('sh', ['-c', 'ln deep/er/file hard; ln -s deep/er soft; mkfifo pipe; chmod 4711 deep/er/file; touch -d @1000000001 deep/er; chown 5:6 deep'], { cwd: source })
  const bytes = execFileSync('tar', ['-C', source, '--format=pax', '-cf', '-', '.'])
  const { path } = await unpack(t, bytes)
  const list = (at: string): string => execFileSync('find', ['.', '-mindepth', '1', '-printf', '%P %y %m %U:%G %T@ %l\\n'], { cwd: at, encoding: 'utf8' })
    .split('\n').toSorted().join('\n')
  t.is(list(path), list(source))
})
