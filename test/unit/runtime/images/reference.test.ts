/** Image names: Docker's normalisation, and what is refused. */
import test from 'ava'
import { familiarName, parseReference, tagName } from '../../../../runtime/images/reference.ts'

const digest = `sha256:${'a'.repeat(64)}` as const

for (const [written, full, shown] of [
  ['busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
  ['busybox:1.36', 'docker.io/library/busybox:1.36', 'busybox:1.36'],
  ['docker.io/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
  ['index.docker.io/library/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
  ['me/web:2', 'docker.io/me/web:2', 'me/web:2'],
  ['library/x', 'docker.io/library/x:latest', 'x:latest'],
  ['localhost/x', 'localhost/x:latest', 'localhost/x:latest'],
  ['localhost:5000/a/b:t', 'localhost:5000/a/b:t', 'localhost:5000/a/b:t'],
  ['ghcr.io/o/p', 'ghcr.io/o/p:latest', 'ghcr.io/o/p:latest'],
  ['[::1]:5000/x', '[::1]:5000/x:latest', '[::1]:5000/x:latest'],
  ['a__b/c-d.e', 'docker.io/a__b/c-d.e:latest', 'a__b/c-d.e:latest'],
] as const) {
  test(`"${written}" is ${full} and shown as ${shown}`, t => {
    const name = tagName(parseReference(written))
    t.is(name, full)
    t.is(familiarName(name), shown)
  })
}

test('a name with digest has no tag of its own', t => {
  t.deepEqual(parseReference(`busybox@${digest}`), { repository: 'docker.io/library/busybox', digest })
  t.deepEqual(parseReference(`busybox:1@${digest}`), { repository: 'docker.io/library/busybox', tag: '1', digest })
})

for (const bad of [
  '', 'BusyBox', 'a b', 'a:', 'a:-x', `a:${'x'.repeat(129)}`, 'a//b', '/a', 'a/', '-a', 'a@sha256:12', 'a_-b', '../a', 'host..x/a',
  'f'.repeat(64).replaceAll('f', 'a'), `${'a'.repeat(256)}`, 'a:b:c',
]) {
  test(`"${bad.length > 40 ? `${bad.length} letters` : bad}" is refused as a name`, t => {
    t.throws(() => parseReference(bad), { code: 'invalid-reference', message: /^read image name "/ })
  })
}
