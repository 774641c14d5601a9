import test from 'ava'
import { find } from '../../../cli/elsewhere.ts'

const containers = [{ id: 'abcd1111', name: 'web' }, { id: 'abcd2222', name: 'abcd1' }, { id: 'pods-7' }]

test('a container of another runtime is found by name, by id, and by the beginning of an id that no other has', t => {
  t.is(find('web', containers)?.id, 'abcd1111')
  t.is(find('abcd2222', containers)?.id, 'abcd2222')
  t.is(find('abcd11', containers)?.id, 'abcd1111')
  t.is(find('abcd1', containers)?.id, 'abcd2222', 'a whole name comes before a beginning')
  t.is(find('abcd', containers), undefined, 'two begin so')
  t.is(find('pod', containers), undefined, 'too short')
  t.is(find('pods', containers)?.id, 'pods-7')
})
