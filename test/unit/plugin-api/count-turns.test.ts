import test from 'ava'
import { CountTurns } from '../../../plugin-api/count-turns.ts'

/** Turns that nothing ends but what is said, with a list of those that have begun. */
function turns(): { readonly turns: CountTurns, readonly begun: string[], begin: (kind: 'up' | 'down', network: string, endpoint: string, ...addresses: readonly string[]) => void } {
  const one = new CountTurns({ turnMs: 3_600_000, patienceMs: 3_600_000 })
  const begun: string[] = []
  return {
    turns: one, begun,
    begin: (kind, network, endpoint, ...addresses) => void one.begin(kind, network, endpoint, { addresses }).then(() => begun.push(endpoint)),
  }
}

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('the second answer of a network waits for the first to be counted, another network\'s does not', async t => {
  const { turns: one, begun, begin } = turns()
  begin('up', 'n', 'a')
  begin('down', 'n', 'b')
  begin('down', 'n', 'c')
  begin('down', 'm', 'd')
  await settled()
  t.deepEqual(begun, ['a', 'd'])
  one.goesOn('n', 'a')
  await settled()
  t.deepEqual(begun, ['a', 'd', 'b'])
  one.left('n')
  await settled()
  t.deepEqual(begun, ['a', 'd', 'b', 'c'])
  one.close()
})

test('what ends another turn ends not this one', async t => {
  const { turns: one, begun, begin } = turns()
  begin('down', 'n', 'a')
  begin('down', 'n', 'b')
  await settled()
  one.goesOn('n', 'b')
  one.goesOn('m', 'a')
  one.left('m')
  one.creates('n')
  await settled()
  t.deepEqual(begun, ['a'])
  one.close()
})

test('an endpoint that dockerd creates tells that the one before is counted', async t => {
  const { turns: one, begun, begin } = turns()
  begin('up', 'n', 'a')
  await settled()
  one.creates('n')
  begin('up', 'n', 'b')
  await settled()
  t.deepEqual(begun, ['a', 'b'])
  one.close()
})

test('a container that leaves late ends neither the turn of another one that leaves, nor of one that comes', async t => {
  const one = new CountTurns({ turnMs: 3_600_000, patienceMs: 3_600_000 })
  const begun: string[] = []
  await one.begin('down', 'n', 'a', { container: 'a' })
  void one.begin('up', 'n', 'b').then(() => begun.push('b'))
  one.left('n', 'z')
  await settled()
  t.deepEqual(begun, [])
  one.left('n', 'a')
  await settled()
  t.deepEqual(begun, ['b'])
  void one.begin('down', 'n', 'c').then(() => begun.push('c'))
  one.left('n', 'z')
  await settled()
  t.deepEqual(begun, ['b'])
  one.goesOn('n', 'b')
  await settled()
  t.deepEqual(begun, ['b', 'c'])
  one.close()
})

test('without a word a turn ends by itself, and begins anew with an address that is given back', async t => {
  const one = new CountTurns({ turnMs: 50 })
  await one.begin('down', 'n', 'a', { addresses: ['10.0.0.2'] })
  const ended: string[] = []
  const next = one.begin('down', 'n', 'b').then(() => ended.push('a'))
  // Timers fire in the order of their times, however late.
  setTimeout(() => one.released('10.0.0.9'), 30)
  setTimeout(() => one.released('10.0.0.2'), 40)
  await new Promise(resolve => setTimeout(resolve, 60))
  t.deepEqual(ended, [])
  await next
  t.deepEqual(ended, ['a'])
  one.close()
})

test('nobody waits for ever, and a dockerd that counts with care for nobody', async t => {
  const one = new CountTurns({ turnMs: 3_600_000, patienceMs: 10 })
  await one.begin('down', 'n', 'a')
  await one.begin('down', 'n', 'b')
  one.isNeeded = false
  await one.begin('down', 'n', 'c')
  one.close()
  t.pass()
})
