/** The table of the bridge filter, as `nft` lists it. `UPDATE_GOLDEN=1` writes it anew: read the difference before committing it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { BridgeFilter } from '../../../nat/bridge/bridge-filter.ts'
import type { BridgeFilterObject } from '../../../objects/bridge-filter.ts'
import { runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'

const path = join(import.meta.dirname, 'rulesets', 'bridge-filter.txt')
const objects: readonly BridgeFilterObject[] = [
  { kind: 'guarded-bridge', bridge: 'tsbr-golden' },
  { kind: 'port-guard', port: 'ts-golden1', sources: { mac: '02:42:ac:12:00:02', addresses: ['172.18.0.2', 'fd00:18::2', 'fe80::42:acff:fe12:2'] } },
  { kind: 'port-guard', port: 'ts-golden2', onlyTo: '02:42:ac:12:00:01' },
]

test.serial('the table of the bridge filter is the recorded one', async t => {
  if (!requires.root(t) || !requires.tool(t, 'nft')) return
  const filter = new BridgeFilter()
  filter.create(objects)
  const { stdout } = await runCommand(['nft', 'list', 'table', 'bridge', 'tsnet'])
  filter.remove(objects)
  // Elements are in the order of their hashes, with a seed of the kernel's own.
  const list = stdout.replaceAll(/\{ ("[^}]*?) \}/g, (_, elements: string) => `{ ${elements.split(/,\s+/).toSorted().join(', ')} }`)
  const text = [...objects.flatMap(object => filter.describe(object)).map(line => `$ ${line}`), '', list].join('\n')
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, text)
  t.is(text, readFileSync(path, 'utf8'))
})
