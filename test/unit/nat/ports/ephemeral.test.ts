import test from 'ava'
import { candidates, parseRanges } from '../../../../nat/ports/ephemeral.ts'

const range = { first: 10, last: 14 }

test('the list of reserved ports is read as the kernel writes it', t => {
  t.deepEqual(parseRanges(''), [])
  t.deepEqual(parseRanges('8080,9000-9100'), [{ first: 8080, last: 8080 }, { first: 9000, last: 9100 }])
})

test('the next port after the last comes first, and each is tried once', t => {
  t.deepEqual([...candidates({ range, reserved: [] }, 1, 12)], [13, 14, 10, 11, 12])
  t.deepEqual([...candidates({ range, reserved: [] }, 1, 14)], [10, 11, 12, 13, 14])
  t.deepEqual([...candidates({ range, reserved: [] }, 1, 9999)], [10, 11, 12, 13, 14])
})

test('a block stays inside the range and off reserved ports', t => {
  t.deepEqual([...candidates({ range, reserved: [] }, 3, 10)], [11, 12, 10])
  t.deepEqual([...candidates({ range, reserved: [{ first: 12, last: 12 }] }, 2, 13)], [10, 13])
  t.deepEqual([...candidates({ range, reserved: [] }, 6, 10)], [])
})
