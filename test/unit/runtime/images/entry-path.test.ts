/** Names in layers: where they lead, and what is refused. */
import test from 'ava'
import { checkSymlink, readEntryPath, readLinkTarget } from '../../../../runtime/images/entry-path.ts'

for (const [path, meaning] of [
  ['./', { kind: 'root' }], ['/', { kind: 'root' }],
  ['etc/passwd', { kind: 'object', parent: 'etc', name: 'passwd' }],
  ['/etc//./passwd/', { kind: 'object', parent: 'etc', name: 'passwd' }],
  ['./a/.wh.b', { kind: 'whiteout', parent: 'a', name: 'b' }],
  ['.wh..b', { kind: 'whiteout', parent: '', name: '.b' }],
  ['a/b/.wh..wh..opq', { kind: 'opaque', parent: 'a/b' }],
  ['.wh..wh.plnk/12.34', { kind: 'ignored' }], ['.wh..wh.aufs', { kind: 'ignored' }],
  ['...', { kind: 'object', parent: '', name: '...' }],
] as const) {
  test(`"${path}" means ${JSON.stringify(meaning)}`, t => t.deepEqual(readEntryPath(path), meaning))
}

for (const bad of ['..', '../x', 'a/../b', '/../etc', 'a/..', '', '.wh.', 'a/.wh..', 'a/.wh...', 'a\0b', 'x'.repeat(256), 'a/'.repeat(2100)]) {
  test(`"${bad.slice(0, 30).replace('\0', '\\0')}" is refused`, t => {
    t.throws(() => readEntryPath(bad), { code: 'invalid-image', message: /^entry "/ })
  })
}

test('a hard link stays in the root', t => {
  t.deepEqual(readLinkTarget('a', '/b/c'), { parent: 'b', name: 'c' })
  t.throws(() => readLinkTarget('a', '../b'), { code: 'invalid-image', message: /hard link to "\.\.\/b"/ })
  t.throws(() => readLinkTarget('a', '/'), { code: 'invalid-image' })
})

test('a symbolic link may be absolute, and climb as far as the root', t => {
  t.notThrows(() => checkSymlink('etc/mtab', '/proc/mounts'))
  t.notThrows(() => checkSymlink('a/b/c', '../../x'))
  t.notThrows(() => checkSymlink('./a', 'b/../c'))
  t.throws(() => checkSymlink('a/b/c', '../../../x'), { code: 'invalid-image', message: /leads out of the root/ })
  t.throws(() => checkSymlink('a', '..'), { code: 'invalid-image' })
  t.throws(() => checkSymlink('a', ''), { code: 'invalid-image' })
})
