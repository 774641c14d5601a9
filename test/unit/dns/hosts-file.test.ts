import test from 'ava'
import { addHostEntries, removeHostEntries } from '../../../dns/hosts-file.ts'

const row = { address: '10.0.0.9', names: ['web.example', 'web'] }

test('entries are added once and removed to the letter; what the user wrote stays', t => {
  const before = '127.0.0.1\tlocalhost\n# mine\n10.0.0.9 other\n'
  const after = `${before}10.0.0.9\tweb.example web\n`
  t.is(addHostEntries(before, [row]), after)
  t.is(addHostEntries(after, [row]), after)
  t.is(removeHostEntries(after, [row]), before)
  t.is(removeHostEntries(before, [row]), before)
  t.is(addHostEntries('# no end of line', [row]), '# no end of line\n10.0.0.9\tweb.example web\n')
  t.is(addHostEntries('', []), '')
})
