/** Lookups through layers: nearest first, links inside the root only. What needs device nodes is tried with a real overlay elsewhere. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { MergedView } from '../../../../runtime/rootfs/merged-view.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsnet-view-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

const [near, far, outside] = ['near', 'far', 'outside'].map(name => join(folder, name)) as [string, string, string]
for (const path of [`${near}/etc`, `${near}/dir`, `${far}/etc/sub`, `${far}/dir`, `${far}/shadowed`, outside]) mkdirSync(path, { recursive: true })
writeFileSync(join(near, 'etc/a'), 'near')
writeFileSync(join(far, 'etc/a'), 'far')
writeFileSync(join(far, 'etc/sub/b'), 'far')
writeFileSync(join(near, 'shadowed'), 'a file over a directory')
writeFileSync(join(far, 'shadowed/c'), '')
writeFileSync(join(outside, 'secret'), '')
symlinkSync('/etc/sub', join(near, 'absolute'))
symlinkSync('../../../../etc/a', join(near, 'dir/climbing'))
symlinkSync(outside, join(near, 'escape'))
symlinkSync('circle', join(near, 'circle'))
symlinkSync('../etc', join(far, 'dir/up'))

const view = new MergedView([near, far])
const pathOf = (path: string, followLast = true): string | undefined => {
  const node = view.lookup(path, { followLast })
  return node === undefined ? undefined : node.kind === 'directory' ? node.paths.map(String).join(' ') : node.path.toString()
}

for (const [path, found] of [
  ['/', `${near} ${far}`], ['', `${near} ${far}`], ['/etc', `${near}/etc ${far}/etc`], ['etc/a', `${near}/etc/a`], ['/etc/./sub//b', `${far}/etc/sub/b`],
  ['/../../etc/a', `${near}/etc/a`], ['absolute/b', `${far}/etc/sub/b`], ['dir/climbing', `${near}/etc/a`], ['dir/up/sub/../a', `${near}/etc/a`],
  ['shadowed', `${near}/shadowed`], ['shadowed/c', undefined], ['escape/secret', undefined], ['escape', undefined], ['circle', undefined],
  ['etc/a/b', undefined], ['none', undefined],
] as const) {
  test(`"${path}" is ${found?.replaceAll(`${folder}/`, '') ?? 'not there'}`, t => t.is(pathOf(path), found))
}

test('a link at the end can be looked at itself', t => {
  t.is(pathOf('escape', false), join(near, 'escape'))
})

test('a directory lists each name once', t => {
  const etc = view.lookup('etc')
  if (etc?.kind !== 'directory') throw new Error('no directory')
  t.deepEqual([...view.children(etc)].map(([name]) => name).toSorted(), ['a', 'sub'])
})

test('without layers there is nothing', t => {
  t.is(new MergedView([]).lookup('/'), undefined)
})
