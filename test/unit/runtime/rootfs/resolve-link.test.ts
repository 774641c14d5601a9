import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { MergedView } from '../../../../runtime/rootfs/merged-view.ts'
import { resolveLink } from '../../../../runtime/rootfs/resolve-link.ts'

const root = mkdtempSync(join(tmpdir(), 'tsnet-links-'))
test.after.always(() => rmSync(root, { recursive: true }))
for (const folder of ['etc', 'usr/lib']) mkdirSync(join(root, folder), { recursive: true })
writeFileSync(join(root, 'etc/hosts'), '')
for (const [name, target] of [
  ['etc/resolv.conf', '../run/systemd/resolve/stub-resolv.conf'], ['lib', 'usr/lib'], ['lib64', '/lib'], ['out', '../../../../etc'],
  ['here', '.'], ['circle', 'circle'], ['grüße', '/etc/ö'],
] as const) symlinkSync(target, join(root, name))

for (const [path, expected] of [
  ['/etc/hosts', '/etc/hosts'],
  ['/etc/resolv.conf', '/run/systemd/resolve/stub-resolv.conf'],
  ['/lib/x', '/usr/lib/x'],
  ['/lib64', '/usr/lib'],
  ['/lib64/../bin', '/usr/bin'],
  ['/out/hosts', '/etc/hosts'],
  ['/../../etc', '/etc'],
  ['/here/here/new/deep', '/new/deep'],
  ['/circle/x', '/circle/x'],
  ['/grüße', '/etc/ö'],
  ['/', '/'],
] as const) {
  test(`${path} leads to ${expected}`, t => {
    t.is(resolveLink(new MergedView([root]), path), expected)
  })
}
