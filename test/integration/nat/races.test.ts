/** Rules of nf_tables that others change all the time, as when a hundred processes start containers at once. */
import { spawnSync } from 'node:child_process'
import test from 'ava'
import { BridgeFilter } from '../../../nat/bridge/bridge-filter.ts'
import { NftablesFirewall } from '../../../nat/nftables/firewall.ts'
import { requires } from '../../helpers/requires.ts'
import { network, publish } from './world.ts'

/** More than the tries that other refusals are given. */
const LOST = 60

/** Changes something else just before each of the next writes, so that what was read for them is old. */
class Rival {
  #left = 0
  readonly observe = (): void => {
    if (this.#left === 0) return
    this.#left -= 1
    spawnSync('nft', [this.#left % 2 === 0 ? 'delete' : 'add', 'table', 'ip', 'rival'])
  }

  interfere(): void {
    this.#left = LOST
  }

  get isSpent(): boolean {
    return this.#left === 0
  }
}

test.serial('who loses to many others makes its rules, and removes them, all the same', async t => {
  if (!requires.root(t) || !requires.tool(t, 'nft')) return
  const rival = new Rival()
  const firewall = new NftablesFirewall({ observe: rival.observe })
  const group = [...network('br-a'), publish(4, 8080)]
  rival.interfere()
  await firewall.create(group)
  t.true(rival.isSpent)
  t.deepEqual(await firewall.missing(group), [])
  rival.interfere()
  await firewall.remove(group)
  t.true(rival.isSpent)
  t.is(spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' }).stdout.includes('tsnet'), false)
})

test.serial('who loses to many others takes the last bridge out of the filter', t => {
  if (!requires.root(t) || !requires.tool(t, 'nft')) return
  const rival = new Rival()
  const filter = new BridgeFilter({ observe: rival.observe })
  const bridge = { kind: 'guarded-bridge', bridge: 'br-a' } as const
  filter.create([bridge])
  t.deepEqual(filter.missing([bridge]), [])
  rival.interfere()
  filter.remove([bridge])
  t.true(rival.isSpent)
  t.is(spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' }).stdout.includes('tsnet'), false)
})
