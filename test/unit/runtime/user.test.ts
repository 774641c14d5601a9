/** `--user`: names and numbers by the files of the root. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { RootFilesystem } from '../../../runtime/init/start-api.ts'
import { resolveUser } from '../../../runtime/user.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsnet-user-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

function rootWith(name: string, passwd: string, group: string): string {
  const path = join(folder, name)
  mkdirSync(join(path, 'etc'), { recursive: true })
  writeFileSync(join(path, 'etc/passwd'), passwd)
  writeFileSync(join(path, 'etc/group'), group)
  return path
}

const passwd = '# comment\nroot:x:0:0:root:/root:/bin/sh\nbroken:x\nguest:x:1000:100:G:/home/guest:/bin/sh\n77:x:5:6::/seven:\nbad:x:a:b::/:\n'
const group = 'root:x:0:root\nusers:x:100:guest\nwheel:x:10:root,guest\naudio:x:29: guest \nbroken\n'
const path = rootWith('plain', passwd, group)
const asDirectory: RootFilesystem = { kind: 'directory', path }
const asLayers: RootFilesystem = { kind: 'overlay', lowers: [join(folder, 'empty'), path], upper: join(folder, 'empty'), work: '', target: '' }
mkdirSync(join(folder, 'empty'))

for (const [kind, root] of [['directory', asDirectory], ['layers', asLayers]] as const) {
  for (const [user, expected] of [
    ['', { uid: 0, gid: 0, additionalGids: [0, 10], home: '/root' }],
    ['root', { uid: 0, gid: 0, additionalGids: [0, 10], home: '/root' }],
    ['guest', { uid: 1000, gid: 100, additionalGids: [100, 10, 29], home: '/home/guest' }],
    ['1000', { uid: 1000, gid: 100, additionalGids: [100, 10, 29], home: '/home/guest' }],
    ['guest:wheel', { uid: 1000, gid: 10, additionalGids: [10], home: '/home/guest' }],
    ['guest:1234', { uid: 1000, gid: 1234, additionalGids: [1234], home: '/home/guest' }],
    [':wheel', { uid: 0, gid: 10, additionalGids: [10], home: '/root' }],
    ['4242', { uid: 4242, gid: 0, additionalGids: [0], home: '/' }],
    ['4242:4343', { uid: 4242, gid: 4343, additionalGids: [4343], home: '/' }],
    ['77', { uid: 5, gid: 6, additionalGids: [6], home: '/seven' }],
  ] as const) {
    test(`"${user}" in a ${kind}`, t => t.deepEqual(resolveUser(root, user), expected))
  }

  for (const [user, reason] of [
    ['nobody', /user "nobody" is not in \/etc\/passwd/], ['guest:nogroup', /group "nogroup" is not in \/etc\/group/], ['-1', /"-1"/],
    ['4294967295', /"4294967295"/], ['bad', /"bad"/], ['1000:4294967295', /4294967295/],
  ] as const) {
    test(`"${user}" in a ${kind} is not found`, t => t.throws(() => resolveUser(root, user), { code: 'user-not-found', message: reason }))
  }
}

test('a root without the files knows numbers only', t => {
  const root: RootFilesystem = { kind: 'directory', path: join(folder, 'empty') }
  t.deepEqual(resolveUser(root, '5:6'), { uid: 5, gid: 6, additionalGids: [6], home: '/' })
  t.throws(() => resolveUser(root, 'root'), { code: 'user-not-found' })
})

test('links of the root never lead to the host\'s files', t => {
  const evil = join(folder, 'evil')
  mkdirSync(join(evil, 'etc'), { recursive: true })
  symlinkSync('/../../../../etc/passwd', join(evil, 'etc/passwd'))
  symlinkSync(join(path, 'etc/group'), join(evil, 'etc/group'))
  for (const root of [{ kind: 'directory', path: evil }, { ...asLayers, lowers: [evil] }] as const) {
    t.throws(() => resolveUser(root, 'daemon'), { code: 'user-not-found' })
    t.throws(() => resolveUser(root, '1:wheel'), { code: 'user-not-found' })
  }
})

test('a fifo in the place of /etc/passwd holds nobody up', t => {
  const root = rootWith('fifo', '', '')
  rmSync(join(root, 'etc/passwd'))
  execFileSync('mkfifo', [join(root, 'etc/passwd')])
  t.throws(() => resolveUser({ kind: 'directory', path: root }, 'root'), { code: 'user-not-found' })
})
