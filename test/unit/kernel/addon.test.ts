import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { isTsnetError } from '../../../errors/error.ts'
import { findAddon, loadAddon } from '../../../kernel/addon.ts'

const addon = { owner: 'pkg', file: '@scope/pkg-linux/addon.node' }

/** A folder with the given empty files in it. */
function tree(...files: readonly string[]): { readonly root: string, readonly remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'tsnet-addon-'))
  for (const file of files) {
    mkdirSync(join(root, file, '..'), { recursive: true })
    writeFileSync(join(root, file), file.endsWith('.json') ? '{}' : '')
  }
  return { root, remove: () => rmSync(root, { recursive: true }) }
}

test('a bundle in dist/ finds the addon beside it, and in the node_modules that tsnet is installed in', t => {
  const own = tree('tsnet/node_modules/@scope/pkg-linux/addon.node')
  const hoisted = tree('node_modules/@scope/pkg-linux/addon.node', 'node_modules/tsnet/dist/main.js')
  t.teardown(own.remove)
  t.teardown(hoisted.remove)
  t.is(findAddon(addon, join(own.root, 'tsnet/dist')), join(own.root, 'tsnet/node_modules/@scope/pkg-linux/addon.node'))
  t.is(findAddon(addon, join(hoisted.root, 'node_modules/tsnet/dist')), join(hoisted.root, 'node_modules/@scope/pkg-linux/addon.node'))
})

test('an isolating installer, which shows only the owner, is understood', t => {
  const store = tree('node_modules/pkg/package.json', 'node_modules/pkg/node_modules/@scope/pkg-linux/addon.node')
  t.teardown(store.remove)
  t.is(findAddon(addon, join(store.root, 'dist')), join(store.root, 'node_modules/pkg/node_modules/@scope/pkg-linux/addon.node'))
})

test('a missing addon and one that does not load are platform-unsupported with the path', t => {
  const broken = tree('node_modules/@scope/pkg-linux/addon.node')
  t.teardown(broken.remove)
  const missing = t.throws(() => loadAddon(addon, '/dev/null/missing'))
  t.true(isTsnetError(missing, 'platform-unsupported'))
  const damaged = t.throws(() => loadAddon(addon, broken.root))
  t.true(isTsnetError(damaged, 'platform-unsupported'))
  t.true(damaged?.message.includes(join(broken.root, 'node_modules/@scope/pkg-linux/addon.node')))
})
