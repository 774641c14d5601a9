import test from 'ava'
import { failEveryCall, killEveryCall } from '../../helpers/faults.ts'
import { fileURLToPath } from 'node:url'

test('every call of an operation fails once, and the state is verified after each', async t => {
  const seen: string[] = []
  const calls = await failEveryCall({
    operation: async observer => {
      for (const call of ['one', 'two', 'three']) observer(call)
    },
    verify: async (call, n) => { seen.push(`${n} ${call}`) },
  })
  t.is(calls, 3)
  t.deepEqual(seen, ['1 one', '2 two', '3 three'])
})

test('an operation that swallows a fault is found out', async t => {
  const operation = async (observer: (call: string) => void): Promise<void> => {
    try { observer('one') } catch { /* swallowed, as a careless caller would */ }
  }
  await t.throwsAsync(failEveryCall({ operation, verify: async () => {} }), { message: /succeeded although call 1 \(one\) failed/ })
})

test('a failure of the operation itself is not taken for an injected one', async t => {
  const operation = async (): Promise<void> => { throw new Error('own') }
  await t.throwsAsync(failEveryCall({ operation, verify: async () => {} }), { message: 'own' })
})

test('a program is killed at each of its calls, until it lives', async t => {
  const killed: number[] = []
  const program = fileURLToPath(new URL('../../helpers/three-calls.fixture.ts', import.meta.url))
  t.is(await killEveryCall({ program, verify: async n => { killed.push(n) } }), 3)
  t.deepEqual(killed, [1, 2, 3])
})
