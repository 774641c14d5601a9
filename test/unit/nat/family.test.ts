import test from 'ava'
import { firewallFamily } from '../../../nat/family.ts'
import type { Firewall } from '../../../nat/firewall.ts'
import type { FirewallObject } from '../../../objects/firewall.ts'

const guard: FirewallObject = { kind: 'forward-guard', family: 4 }

function fake(changes: Partial<Firewall>): Firewall {
  return {
    name: 'nftables', create: async () => {}, remove: async () => {}, replace: async () => {}, missing: async group => group, describe: object => [object.kind], counters: async () => [],
    setForwardGuard: async () => {}, close: () => undefined, summary: async () => ({ backend: 'nftables', version: '', forwardGuard: [], lines: [] }), ...changes,
  }
}

test('a group is handed to the backend whole', async t => {
  const groups: (readonly FirewallObject[])[] = []
  const family = firewallFamily(fake({ create: async group => { groups.push(group) } }))
  await family.create([guard, { ...guard, family: 6 }])
  t.deepEqual(groups, [[guard, { ...guard, family: 6 }]])
  t.deepEqual(await family.missing([guard]), [guard])
  t.deepEqual(family.describe(guard), ['forward-guard'])
})

test('failures of a removal come together', async t => {
  const family = firewallFamily(fake({ remove: async () => { throw new AggregateError([new Error('one'), new Error('two')]) } }))
  const error = await t.throwsAsync(family.remove([guard]), { instanceOf: AggregateError })
  t.is(error.errors.length, 2)
})

test('an object of another family is a defect', async t => {
  await t.throwsAsync(firewallFamily(fake({})).create([{ kind: 'link-up', name: 'lo' }]), { code: 'internal-error' })
})
