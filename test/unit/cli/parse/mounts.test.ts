/** `-v`: binds, volumes, options, and what is refused. */
import test from 'ava'
import { parseMount } from '../../../../cli/parse/mounts.ts'

for (const [text, expected] of [
  ['/srv:/data', { kind: 'bind', source: '/srv', target: '/data', readOnly: false }],
  ['/srv:/data:ro', { kind: 'bind', source: '/srv', target: '/data', readOnly: true }],
  ['/srv:/data:rw', { kind: 'bind', source: '/srv', target: '/data', readOnly: false }],
  ['/srv:/data:ro,z', { kind: 'bind', source: '/srv', target: '/data', readOnly: true }],
  ['./here:/data', { kind: 'bind', source: '/home/me/here', target: '/data', readOnly: false }],
  ['.:/data', { kind: 'bind', source: '/home/me', target: '/data', readOnly: false }],
  ['../up:/data', { kind: 'bind', source: '/home/up', target: '/data', readOnly: false }],
  ['/srv/:/data/', { kind: 'bind', source: '/srv', target: '/data', readOnly: false }],
  ['/srv/../etc:/data//x', { kind: 'bind', source: '/etc', target: '/data/x', readOnly: false }],
  ['store:/data', { kind: 'volume', source: 'store', target: '/data', readOnly: false }],
  ['store:/data:ro', { kind: 'volume', source: 'store', target: '/data', readOnly: true }],
  ['/data', { kind: 'volume', target: '/data', readOnly: false }],
] as const) {
  test(`-v ${text}`, t => {
    t.deepEqual<unknown, unknown>(parseMount(text, { cwd: '/home/me' }), expected)
  })
}

for (const [text, reason] of [
  ['', /is not \[SOURCE:\]TARGET\[:OPTIONS\]/],
  [':/data', /is not \[SOURCE:\]TARGET/],
  ['/srv:', /is not \[SOURCE:\]TARGET/],
  ['/a:/b:ro:x', /is not \[SOURCE:\]TARGET/],
  ['/srv:data', /"data", is not absolute/],
  ['data', /"data", is not absolute/],
  ['/srv:/', /over the root of the container/],
  ['/srv:/x/..', /over the root of the container/],
  ['/srv:/data:ro,rw', /cannot be both ro and rw/],
  ['/srv:/data:readonly', /"readonly" is no mount option/],
] as const) {
  test(`-v "${text}" is refused`, t => {
    const error = t.throws(() => parseMount(text, { cwd: '/home/me' }), { code: 'invalid-argument', message: reason })
    t.true(error?.message.startsWith(`mount "${text}": `))
    t.regex(error?.message ?? '', /examples: \/srv:\/data/)
  })
}
