/**
 * A root file system made of one static busybox: what tests and the demo run containers from, without any registry.
 *
 * `busyboxTar` is what `tsnet image import` takes; `busyboxTree` unpacks the same for `--rootfs`.
 */
import { execFileSync } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pack } from 'tar-stream'

const BUSYBOX = '/bin/busybox'
const FOLDERS = ['bin', 'dev', 'etc', 'proc', 'root', 'run', 'sbin', 'sys', 'usr', 'usr/bin', 'usr/sbin', 'var']
const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\nguest:x:1000:1000:guest:/home:/bin/sh\n',
  'etc/group': 'root:x:0:\nnogroup:x:65534:\nguest:x:1000:\nwheel:x:10:guest\n',
  'etc/shells': '/bin/sh\n',
}

/** Writes the archive to `path`, with further executable files where given. @throws when busybox-static is not installed. */
export async function busyboxTar(path: string, programs: Readonly<Record<string, string>> = {}): Promise<void> {
  const archive = pack()
  const written = pipeline(archive, createWriteStream(path))
  for (const name of FOLDERS) archive.entry({ name: `${name}/`, type: 'directory', mode: name === 'root' ? 0o700 : 0o755 })
  archive.entry({ name: 'tmp/', type: 'directory', mode: 0o1777 })
  archive.entry({ name: 'home/', type: 'directory', mode: 0o755, uid: 1000, gid: 1000 })
  for (const [name, text] of Object.entries(FILES)) archive.entry({ name, mode: 0o644 }, text)
  for (const [name, text] of Object.entries(programs)) archive.entry({ name, mode: 0o755 }, text)
  archive.entry({ name: 'bin/busybox', mode: 0o755 }, await readFile(BUSYBOX))
  for (const applet of applets()) archive.entry({ name: `bin/${applet}`, type: 'symlink', linkname: 'busybox' })
  archive.finalize()
  await written
}

/** Unpacks the same file system into the existing folder `directory`. */
export async function busyboxTree(directory: string): Promise<void> {
  const archive = join(directory, '.rootfs.tar')
  await busyboxTar(archive)
  execFileSync('tar', ['-xf', archive, '-C', directory, '--exclude=.rootfs.tar'])
  execFileSync('rm', [archive])
}

function applets(): readonly string[] {
  return execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).trim().split('\n').filter(name => name !== 'busybox')
}
