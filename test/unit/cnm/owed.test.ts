import test from 'ava'
import { Owed } from '../../../cnm/owed.ts'
import type { ErrorCode } from '../../../errors/codes.ts'
import { TsnetError } from '../../../errors/error.ts'

/** A removal that fails with each of the codes once, then succeeds; counts its tries. */
function failing(...failures: readonly ErrorCode[]): { readonly remove: () => Promise<void>, tries: number } {
  const one = {
    tries: 0,
    remove: (): Promise<void> => {
      const code = failures[one.tries++]
      return code === undefined ? Promise.resolve() : Promise.reject(new TsnetError(code, 'no'))
    },
  }
  return one
}

test('what failed is tried again until it succeeds, and not after that', async t => {
  const owed = new Owed()
  const one = failing('store-error', 'kernel-error')
  await t.throwsAsync(owed.attempt('a', one.remove))
  for (const tries of [2, 3, 3]) {
    await owed.pay()
    t.is(one.tries, tries)
  }
})

test('what was asked for in the wrong words never succeeds, and is not tried again', async t => {
  const owed = new Owed()
  const one = failing('invalid-address')
  await t.throwsAsync(owed.attempt('a', one.remove))
  await owed.pay()
  t.is(one.tries, 1)
})

test('where nothing can be written down, one try tells of all; what is somebody\'s again is not removed', async t => {
  const owed = new Owed()
  const [first, second, third] = [failing('store-error', 'store-error'), failing('store-error'), failing('store-error')]
  await t.throwsAsync(owed.attempt('a', first.remove))
  await t.throwsAsync(owed.attempt('b', second.remove))
  await t.throwsAsync(owed.attempt('c', third.remove))
  await owed.pay()
  t.deepEqual([first.tries, second.tries], [2, 1])
  owed.forget('b')
  await owed.pay()
  t.deepEqual([first.tries, second.tries, third.tries], [3, 1, 2])
})
