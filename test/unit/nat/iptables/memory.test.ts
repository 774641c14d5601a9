import test from 'ava'
import { RuleMemory } from '../../../../nat/iptables/memory.ts'
import { emptyState } from '../../../../nat/iptables/state.ts'

for (const [what, plannedAt, isKept] of [
  ['that were there when the change was written', 7, true],
  ['that another change of this process has replaced before the write', 6, false],
] as const) {
  test(`a change planned on rules ${what} is ${isKept ? '' : 'not '}remembered`, async t => {
    let count = 7
    const memory = new RuleMemory(() => count)
    await memory.remember(4, { state: emptyState(), transactions: 1, table: 'nat', plannedAt }, async () => { count += 1 })
    t.is(memory.recall(4, 'nat')?.at, isKept ? 8 : undefined)
  })
}
