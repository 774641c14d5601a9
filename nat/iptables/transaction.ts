/**
 * Read, plan, write; again where another process changed the rules in between; and all back where it cannot be done.
 */
import { isTsnetError } from '../../errors/error.ts'
import type { Family } from '../../objects/firewall.ts'
import { type Command, Plan } from './plan.ts'
import type { Tools } from './restore.ts'
import { type Table, tables } from './rule.ts'

export interface Change {
  readonly family: Family
  /** The one table that the change is about; absent: several. Reading one of 10 000 rules takes 50 ms. */
  readonly table?: Table
  /** Removal goes from nat inwards, so that nothing is let in that is not filtered; creation the other way round. */
  readonly order: 'creation' | 'removal'
  readonly plan: (plan: Plan) => void
}

/** More than any number of processes that meet here by chance; each try that fails means that another one succeeded. */
const MAX_TRIES = 20

/**
 * Makes one change; what was written, for `takeBack`. A creation that fails leaves nothing. @throws firewall-error
 *
 * A removal looks again after it has written: of two that run at once, each leaves the frame for what the other still has there,
 * and the later of the two looks finds that nothing needs it.
 */
export async function apply(tools: Tools, change: Change): Promise<readonly Command[]> {
  const written: Command[] = []
  let refused = ''
  for (let tries = 1; ; tries += 1) {
    const { plan, at } = await planned(tools, change, change.plan)
    if (plan.commands.length === 0) {
      tools.unexpect(change.family)
      return written
    }
    const text = JSON.stringify(plan.commands)
    written.push(...plan.commands)
    try {
      await write(tools, change, plan, at)
      if (change.order === 'creation' || plan.isTableFree(change.table)) return written
    } catch (error) {
      // The same plan refused twice is no race.
      if (isTsnetError(error, 'firewall-error') && text !== refused && tries < MAX_TRIES) refused = text
      else throw change.order === 'creation' ? await afterTakingBack(tools, change, { error, written }) : error
    }
  }
}

/** Undoes what `apply` wrote, as far as it is still there. */
export async function takeBack(tools: Tools, change: Change, written: readonly Command[]): Promise<void> {
  const { plan } = await planned(tools, change, it => it.takeBack(written))
  if (plan.commands.length > 0) await tools.restore(change.family, plan.commands, tables.toReversed())
}

async function afterTakingBack(tools: Tools, change: Change, failed: { error: unknown, written: readonly Command[] }): Promise<unknown> {
  try {
    await takeBack(tools, change, failed.written)
    return failed.error
  } catch (undoError) {
    return new SuppressedError(undoError, failed.error, 'a firewall change failed, and so did taking it back')
  }
}

/** `at`: the kernel's count of changes that it holds for. */
async function planned(tools: Tools, change: Change, fill: (plan: Plan) => void): Promise<{ readonly plan: Plan, readonly at: number | undefined }> {
  const { state, at } = await tools.state(change.family, change.table, { isForChange: true })
  const plan = new Plan(state, change.family)
  fill(plan)
  return { plan, at }
}

function write(tools: Tools, change: Change, { commands, state }: Plan, plannedAt: number | undefined): Promise<void> {
  const transactions = new Set(commands.map(({ table }) => table)).size
  const written = { state, transactions, plannedAt, ...change.table === undefined ? {} : { table: change.table } }
  return tools.memory.remember(change.family, written, () => tools.restore(change.family, commands, orderOf(change)))
}

function orderOf(change: Change): readonly Table[] {
  return change.order === 'creation' ? tables : tables.toReversed()
}
