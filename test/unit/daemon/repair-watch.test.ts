import test from 'ava'
import { RepairWatch } from '../../../daemon/repair-watch.ts'

/** A watch whose looks are answered by `made`, one after the other; `ended` comes with the look after the last. */
function watch(made: readonly (number | Error)[], counts: (number | undefined)[]): { readonly changed: boolean[], readonly lines: string[], readonly ended: Promise<void> } {
  const changed: boolean[] = []
  const lines: string[] = []
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const repairIfHurt = async (hasChanged: boolean): Promise<number> => {
    const answer = made[changed.length] ?? 0
    if (changed.length === made.length) void one.stop().then(resolve)
    else changed.push(hasChanged)
    if (answer instanceof Error) throw answer
    return answer
  }
  const one = new RepairWatch({ repairIfHurt }, { log: line => lines.push(line), ruleChanges: () => counts.length > 1 ? counts.shift() : counts[0], everyMs: 1 })
  return { changed, lines, ended }
}

test('rules are looked at when their count has grown, and what was made again is told', async t => {
  const { changed, lines, ended } = watch([0, 3, 0, 0], [7, 7, 8, 9, 9])
  await ended
  t.deepEqual(changed, [false, true, true, false])
  t.deepEqual(lines, ['warning: another program removed rules or links of Docker\'s networks; they are made again (3)'])
})

test('where nobody counts, they are looked at every time', async t => {
  const { changed, ended } = watch([0, 0], [undefined])
  await ended
  t.deepEqual(changed, [true, true])
})

test('a failure is told once, and tried again', async t => {
  const { changed, lines, ended } = watch([new Error('no'), new Error('no'), 2], [1, 2])
  await ended
  t.deepEqual(changed, [true, true, true])
  t.deepEqual(lines.map(line => line.slice(0, 24)), ['warning: repair: no', 'warning: another program'])
})
