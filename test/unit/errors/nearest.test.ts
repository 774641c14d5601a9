/** What a mistyped word most likely meant. */
import test from 'ava'
import { nearest } from '../../../errors/nearest.ts'

const words = ['run', 'exec', 'ps', 'inspect', 'network', 'volume', 'version']

for (const [typed, meant] of [
  ['rnu', 'run'], ['rn', 'run'], ['exce', 'exec'], ['insepct', 'inspect'], ['netwrok', 'network'], ['volumes', 'volume'], ['versoin', 'version'],
] as const) {
  test(`"${typed}" is near "${meant}"`, t => {
    t.is(nearest(typed, words), meant)
  })
}

test('nothing is near to a word that resembles none', t => {
  t.is(nearest('frobnicate', words), undefined)
  t.is(nearest('', words), undefined)
  t.is(nearest('run', []), undefined)
})
