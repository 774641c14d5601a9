/** `--network`: Docker's words and names of networks. */
import test from 'ava'
import { parseNetworkMode } from '../../../../cli/parse/network-mode.ts'

for (const [text, expected] of [
  ['bridge', { mode: 'bridge', network: 'bridge' }],
  ['default', { mode: 'bridge', network: 'bridge' }],
  ['none', { mode: 'none' }],
  ['host', { mode: 'host' }],
  ['container:web', { mode: 'container', container: 'web' }],
  ['blue', { mode: 'bridge', network: 'blue' }],
] as const) {
  test(`--network ${text}`, t => {
    t.deepEqual<unknown, unknown>(parseNetworkMode(text), expected)
  })
}

test('an empty name and a container without a name are refused with an example', t => {
  t.throws(() => parseNetworkMode(''), { code: 'invalid-argument', message: /examples: bridge, none, host, container:web/ })
  t.throws(() => parseNetworkMode('container:'), { code: 'invalid-argument', message: /as in container:web/ })
})
