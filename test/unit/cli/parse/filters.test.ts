import test from 'ava'
import { containerFilter } from '../../../../cli/parse/container-filter.ts'
import { fitsLabels, parseFilters, pruneFilter } from '../../../../cli/parse/filters.ts'
import { networkFilter } from '../../../../cli/parse/network-filter.ts'
import { predefinedNetworks } from '../../../../cnm/predefined.ts'
import { bare, details, ended, network, now } from '../fixtures.ts'

test('a filter needs KEY=VALUE and a known key', t => {
  t.throws(() => parseFilters(['name'], ['name']), { code: 'invalid-argument', message: '--filter "name": needs the form KEY=VALUE' })
  t.throws(() => parseFilters(['color=red'], ['name', 'label']), { message: '--filter "color=red": there is no filter "color"; there are name, label' })
  t.throws(() => parseFilters(['label!=a'], ['name']), { code: 'invalid-argument' })
  t.deepEqual(parseFilters(['label=a=b=c', 'label!=x'], ['label']).get('label'), ['a=b=c'])
})

test('labels: all that are asked for, none that are refused', t => {
  const labels = { team: 'a', empty: '' }
  const fits = (...words: readonly string[]): boolean => fitsLabels(parseFilters(words, ['label']), labels)
  t.true(fits())
  t.true(fits('label=team', 'label=team=a'))
  t.true(fits('label=empty='))
  t.false(fits('label=team', 'label=owner'))
  t.false(fits('label=team=b'))
  t.false(fits('label!=team'))
  t.true(fits('label!=team=b'))
  t.false(fits('label=toString'))
})

test('until is what was made before', t => {
  const accepts = pruneFilter(['until=10m'], now)
  t.true(accepts({}, new Date(now - 601_000).toISOString()))
  t.false(accepts({}, new Date(now - 599_000).toISOString()))
  t.throws(() => pruneFilter(['until=2h', 'until=soon'], now), { code: 'invalid-argument' })
})

test('networks by name, id, driver, label, type and whether anything is on them', t => {
  const all = [network, ...predefinedNetworks]
  const shown = (words: readonly string[], hasEndpoints = false): readonly string[] => all.filter(networkFilter(words, () => hasEndpoints)).map(({ name }) => name)
  t.deepEqual(shown([]), ['blue', 'host', 'none'])
  t.deepEqual(shown(['name=lu']), ['blue'])
  t.deepEqual(shown(['name=lu', 'name=hos']), ['blue', 'host'])
  t.deepEqual(shown(['name=^blue$']), ['blue'])
  t.deepEqual(shown(['name=^lue']), [])
  t.deepEqual(shown(['id=bbbb']), ['blue'])
  t.deepEqual(shown(['driver=null']), ['none'])
  t.deepEqual(shown(['driver=bridge', 'label=team=b']), [])
  t.deepEqual(shown(['type=custom']), ['blue'])
  t.deepEqual(shown(['type=builtin']), ['host', 'none'])
  t.deepEqual(shown(['dangling=true']), ['blue'])
  t.deepEqual(shown(['dangling=true'], true), [])
  t.deepEqual(shown(['dangling=false'], true), ['blue', 'host', 'none'])
  t.throws(() => shown(['dangling=maybe']), { code: 'invalid-argument' })
  t.throws(() => shown(['name=(']), { code: 'invalid-argument', message: '--filter "name=(": it is no regular expression' })
  t.throws(() => shown(['type=mine']), { code: 'invalid-argument' })
})

test('containers by name, id, status, exit status, network and label', t => {
  const all = [details, ended, bare]
  const shown = (...words: readonly string[]): readonly number[] => all.flatMap((one, index) => containerFilter(words).accepts(one) ? [index] : [])
  t.deepEqual(shown(), [0, 1, 2])
  t.deepEqual(shown('name=we'), [0, 1])
  t.deepEqual(shown('name=/bare'), [2])
  t.deepEqual(shown('name=^/?bare$'), [2])
  t.deepEqual(shown('name=^bare$'), [2])
  t.deepEqual(shown('id=cccc'), [0, 1, 2])
  t.deepEqual(shown('status=exited'), [1])
  t.deepEqual(shown('status=exited', 'status=running'), [0, 1, 2])
  t.deepEqual(shown('exited=137'), [1])
  t.deepEqual(shown('network=blue'), [0, 1])
  t.deepEqual(shown('network=bbbbbb'), [0])
  t.deepEqual(shown('network=host'), [2])
  t.deepEqual(shown('label=vendor=example'), [0])
  t.deepEqual(shown('label=role'), [0, 1])
  t.true(containerFilter(['status=exited']).all)
  t.false(containerFilter(['name=x']).all)
  t.throws(() => shown('name=['), { code: 'invalid-argument' })
  t.throws(() => shown('status=asleep'), { code: 'invalid-argument' })
  t.throws(() => shown('exited=badly'), { code: 'invalid-argument' })
})

test('containers by image, by port of the host and by port of their own', t => {
  const all = [details, ended, bare]
  const shown = (...words: readonly string[]): readonly number[] => all.flatMap((one, index) => containerFilter(words).accepts(one) ? [index] : [])
  t.deepEqual(shown('ancestor=busybox', 'publish=8080'), [0])
  t.deepEqual(shown('ancestor=busybox:latest', 'publish=8000-9000/tcp'), [0])
  t.deepEqual(shown('ancestor=alpine'), [])
  t.deepEqual(shown('ancestor=sha256:1111', 'publish=8080'), [0])
  t.deepEqual(shown('publish=8080/udp'), [])
  t.deepEqual(shown('publish=80'), [], 'it is a port of the container, and not of the host')
  t.deepEqual(shown('publish=5301/udp'), [0])
  t.deepEqual(shown('expose=80'), [0])
  t.deepEqual(shown('expose=9000'), [0], 'exposed, and not published')
  t.deepEqual(shown('expose=1', 'publish=8080'), [0], 'either of them')
  for (const bad of ['publish=web', 'expose=', 'publish=8080/icmp']) t.throws(() => shown(bad), { code: 'invalid-argument' })
})
