/** Datagrams that go as one, against the rule in plain words. */
import test from 'ava'
import fc from 'fast-check'
import { JoinedSlots } from '../../../kernel/syscalls/joined-slots.ts'

const WORDS = 7
const SLOTS = 64

/** The lists of slots, for datagrams of these lengths to these addresses. */
function listsOf(datagrams: readonly { readonly to: number, readonly length: number }[], joined?: JoinedSlots): readonly (readonly number[])[] {
  const names = new Uint32Array(WORDS * SLOTS)
  datagrams.forEach(({ to }, slot) => names.set([2, to, 0, 0], slot * WORDS))
  const slots = joined ?? new JoinedSlots(names, SLOTS)
  datagrams.forEach(({ length }, slot) => slots.add(slot, length, 4))
  return Array.from({ length: slots.count }, (_, list) => {
    const found: number[] = []
    for (let slot = slots.first(list); slot >= 0; slot = slots.next(slot)) found.push(slot)
    if (found.length !== slots.size(list)) throw new Error(`list ${list} says it has ${slots.size(list)} of ${found.length}`)
    return found
  })
}

test('datagrams to one address go as one while none is longer than the first, and only the last is shorter', t => {
  t.deepEqual(listsOf([{ to: 1, length: 60 }, { to: 1, length: 60 }, { to: 1, length: 40 }]), [[0, 1, 2]])
  t.deepEqual(listsOf([{ to: 1, length: 60 }, { to: 1, length: 40 }, { to: 1, length: 40 }]), [[0, 1], [2]])
  t.deepEqual(listsOf([{ to: 1, length: 40 }, { to: 1, length: 60 }, { to: 1, length: 60 }]), [[0], [1, 2]])
})

test('others in between change nothing, and what stands behind an address is no part of it', t => {
  t.deepEqual(listsOf([{ to: 1, length: 60 }, { to: 2, length: 60 }, { to: 1, length: 60 }, { to: 2, length: 60 }]), [[0, 2], [1, 3]])
  const names = new Uint32Array(WORDS * SLOTS).map((_, word) => word % WORDS < 4 ? 1 : word)
  const joined = new JoinedSlots(names, SLOTS)
  t.deepEqual(listsOf([{ to: 1, length: 60 }, { to: 1, length: 60 }], joined), [[0, 1]])
  joined.clear()
  t.deepEqual(listsOf([{ to: 1, length: 60 }], joined), [[0]])
})

test('whatever comes, each datagram is in one list, in order, and the kernel can part each list by the length of its first', t => {
  const datagram = fc.record({ to: fc.integer({ min: 1, max: 4 }), length: fc.integer({ min: 0, max: 3 }) })
  fc.assert(fc.property(fc.array(datagram, { maxLength: SLOTS }), datagrams => {
    const lists = listsOf(datagrams)
    t.deepEqual(lists.flat().toSorted((a, b) => a - b), datagrams.map((_, slot) => slot))
    for (const list of lists) {
      const lengths = list.map(slot => datagrams[slot]?.length)
      t.is(new Set(list.map(slot => datagrams[slot]?.to)).size, 1)
      t.true(list.length === 1 || !lengths.includes(0))
      t.true(lengths.slice(0, -1).every(length => length === lengths[0]) && Number(lengths.at(-1)) <= Number(lengths[0]))
    }
    for (const to of [1, 2, 3, 4]) {
      const order = lists.flat().filter(slot => datagrams[slot]?.to === to)
      t.deepEqual(order, order.toSorted((a, b) => a - b))
    }
  }))
})
