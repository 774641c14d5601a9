/** The folders of a container's root, mounted for real with mount(8). */
import { execFileSync } from 'node:child_process'
import {
  chmodSync, chownSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { RootFilesystem } from '../../../../runtime/init/start-api.ts'
import { directoryRoot, prepareRoot, removeRoot, viewOf, writtenBytes } from '../../../../runtime/rootfs/container-root.ts'
import { requires } from '../../../helpers/requires.ts'

interface World { readonly roots: { readonly root: string, readonly runRoot: string }, readonly layer: (files: Readonly<Record<string, string>>) => string }

function world(t: ExecutionContext): World {
  const root = mkdtempSync('/var/lib/tsnet-')
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  let count = 0
  return {
    roots: { root, runRoot: root },
    layer(files) {
      const path = join(root, 'layers', String(count++))
      mkdirSync(path, { recursive: true })
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(join(path, name, '..'), { recursive: true })
        writeFileSync(join(path, name), content)
      }
      return path
    },
  }
}

function mounted<T>(root: RootFilesystem, fn: (at: string) => T): T {
  if (root.kind !== 'overlay') throw new Error('no overlay')
  execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${root.lowers.join(':')},upperdir=${root.upper},workdir=${root.work}`, root.target])
  try {
    return fn(root.target)
  } finally {
    execFileSync('umount', [root.target])
  }
}

test('a container writes into its own layer, over the image\'s nearest', t => {
  if (!requires.root(t)) return
  const { roots, layer } = world(t)
  const layers = [layer({ 'etc/conf': 'near' }), layer({ 'etc/conf': 'far', 'etc/only': 'far' })]
  const root = prepareRoot({ containerId: 'c1', layers, roots })
  mounted(root, at => {
    t.is(readFileSync(join(at, 'etc/conf'), 'utf8'), 'near')
    t.is(readFileSync(join(at, 'etc/only'), 'utf8'), 'far')
    writeFileSync(join(at, 'etc/conf'), 'mine')
    writeFileSync(join(at, 'new'), 'x'.repeat(100))
  })
  t.is(readFileSync(join(layers[0] ?? '', 'etc/conf'), 'utf8'), 'near')
  t.is(writtenBytes(roots, 'c1'), 104)
  removeRoot(roots, 'c1')
  removeRoot(roots, 'c1')
  t.deepEqual(readdirSync(join(roots.root, 'containers/c1')), [])
})

test('every mount target is there without anything being written', t => {
  if (!requires.root(t)) return
  const { roots, layer } = world(t)
  const image = layer({ 'bin/x': '' })
  mkdirSync(join(image, 'etc'), { mode: 0o711 })
  chmodSync(join(image, 'etc'), 0o711)
  chownSync(join(image, 'etc'), 5, 6)
  symlinkSync('/run/systemd/resolve/stub-resolv.conf', join(image, 'etc/resolv.conf'))
  writeFileSync(join(image, 'etc/hosts'), 'the image\'s')
  const root = prepareRoot({ containerId: 'c2', layers: [image], roots })
  mounted(root, at => {
    for (const path of ['dev/pts', 'dev/shm', 'proc', 'sys']) t.true(lstatSync(join(at, path)).isDirectory(), path)
    for (const path of ['.dockerenv', 'dev/console', 'etc/hostname', 'etc/hosts', 'etc/resolv.conf']) t.true(lstatSync(join(at, path)).isFile(), path)
    t.is(readFileSync(join(at, 'etc/hosts'), 'utf8'), 'the image\'s')
    t.is(lstatSync(join(at, 'etc/mtab')).isSymbolicLink(), true)
    const { mode, uid, gid } = statSync(join(at, 'etc'))
    t.deepEqual([mode & 0o7777, uid, gid], [0o711, 5, 6])
    for (const path of ['etc/hosts', 'etc/resolv.conf', 'etc/hostname']) {
      execFileSync('mount', ['--bind', '/etc/hostname', join(at, path)])
      execFileSync('umount', [join(at, path)])
    }
  })
  t.deepEqual(root.kind === 'overlay' ? readdirSync(root.upper) : [], [])
})

test('an image whose /etc is a link keeps it', t => {
  if (!requires.root(t)) return
  const { roots, layer } = world(t)
  const image = layer({ 'usr/etc/passwd': 'root:x:0:0::/root:/bin/sh' })
  symlinkSync('usr/etc', join(image, 'etc'))
  mounted(prepareRoot({ containerId: 'c3', layers: [image], roots }), at => t.true(existsSync(join(at, 'etc/passwd'))))
})

test('the root directory has the attributes of the image\'s', t => {
  if (!requires.root(t)) return
  const { roots, layer } = world(t)
  const image = layer({ a: '' })
  chmodSync(image, 0o555)
  chownSync(image, 3, 4)
  mounted(prepareRoot({ containerId: 'c4', layers: [image], roots }), at => {
    const { mode, uid, gid } = statSync(at)
    t.deepEqual([mode & 0o7777, uid, gid], [0o555, 3, 4])
  })
})

test('an image without layers gives a root with nothing but mount targets', t => {
  if (!requires.root(t)) return
  const { roots } = world(t)
  mounted(prepareRoot({ containerId: 'c5', layers: [], roots }), at => t.deepEqual(readdirSync(at), ['.dockerenv', 'dev', 'etc', 'proc', 'sys']))
})

test('more layers than overlayfs takes are refused by number', t => {
  if (!requires.root(t)) return
  const { roots, layer } = world(t)
  const path = layer({ a: '' })
  t.throws(() => prepareRoot({ containerId: 'c6', layers: Array.from({ length: 501 }, () => path), roots }),
    { code: 'kernel-feature-missing', message: /the image has 501 layers, overlayfs takes at most 500/ })
})

test('a state folder on overlayfs is refused with the reason', t => {
  if (!requires.root(t)) return
  const { roots, layer } = world(t)
  const outer = prepareRoot({ containerId: 'outer', layers: [layer({ a: '' })], roots })
  mounted(outer, at => {
    t.throws(() => prepareRoot({ containerId: 'inner', layers: [], roots: { root: join(at, 'state'), runRoot: at } }),
      { code: 'kernel-feature-missing', message: /cannot keep a container's files on overlay/ })
  })
})

test('--rootfs runs from the directory itself, which must exist', t => {
  if (!requires.root(t)) return
  const { roots, layer } = world(t)
  const path = layer({ a: 'x' })
  symlinkSync(path, join(roots.root, 'link'))
  t.deepEqual(directoryRoot(join(roots.root, 'link')), { kind: 'directory', path })
  t.is(viewOf(directoryRoot(path)).lookup('a')?.kind, 'other')
  t.throws(() => directoryRoot(join(roots.root, 'none')), { code: 'rootfs-not-found' })
  t.throws(() => directoryRoot(join(path, 'a')), { code: 'rootfs-not-found' })
})
