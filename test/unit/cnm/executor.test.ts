import test from 'ava'
import { Executor } from '../../../cnm/executor.ts'
import type { ObjectFamily } from '../../../objects/family.ts'
import type { KernelObject } from '../../../objects/object.ts'
import { FakeKernel } from '../../helpers/fake-kernel.ts'

const link = (name: string): KernelObject => ({ kind: 'link-up', name })
const guard: KernelObject = { kind: 'forward-guard', family: 4 }
const list = [link('a'), link('b'), guard, link('c')]

test('consecutive objects of one family are one group, removed backward', async t => {
  const kernel = new FakeKernel()
  const executor = new Executor(kernel.families)
  await executor.create(list)
  await executor.remove(list)
  t.deepEqual(kernel.calls, ['link+2', 'firewall+1', 'link+1', 'link-1', 'firewall-1', 'link-2'])
  t.is(kernel.objects.size, 0)
})

test('a failure undoes what was made, in reverse, and is passed on', async t => {
  const kernel = new FakeKernel()
  void kernel.arm({ on: 'create', at: 4, how: 'fail' })
  await t.throwsAsync(new Executor(kernel.families).create(list), { message: 'fault at create 4' })
  t.deepEqual(kernel.calls, ['link+2', 'firewall+1', 'link+1', 'firewall-1', 'link-2'])
  t.is(kernel.objects.size, 0)
})

test('removal goes on after errors and tells all of them', async t => {
  const kernel = new FakeKernel()
  const executor = new Executor(kernel.families)
  await executor.create(list)
  void kernel.arm({ on: 'remove', at: 1, how: 'fail' })
  const error = await t.throwsAsync<AggregateError>(executor.remove(list), { instanceOf: AggregateError })
  t.is(error?.errors.length, 1)
  t.deepEqual([...kernel.objects.values()], [link('c')])
})

test('what a creation has to read is asked for first, and links go while published ports are being taken back', async t => {
  const port: KernelObject = {
    kind: 'publish', family: 4, bridge: 'br0', protocol: 'tcp', host: { first: 80, last: 80 }, containerIp: '10.0.0.2', container: { first: 80, last: 80 },
  }
  const calls: string[] = []
  const portsGone = Promise.withResolvers<undefined>()
  const family = (name: string, kind: KernelObject['kind'], gone?: Promise<undefined>): ObjectFamily => ({
    name, kinds: [kind],
    prepare: () => { calls.push(`${name} read`) },
    create: async () => { calls.push(`${name} made`) },
    remove: async () => { calls.push(`${name} goes`); await gone; calls.push(`${name} gone`) },
    missing: async () => [], describe: () => [],
  })
  const executor = new Executor([family('link', 'link-up'), family('port', 'publish', portsGone.promise), family('guard', 'forward-guard')])
  await executor.create([guard, link('a'), port])
  t.deepEqual(calls.splice(0), ['guard read', 'link read', 'port read', 'guard made', 'link made', 'port made'])
  const removal = executor.remove([guard, link('a'), port]).then(() => calls.push('all gone'))
  await new Promise(resolve => setImmediate(resolve))
  t.deepEqual(calls, ['port goes', 'link goes', 'link gone', 'guard goes', 'guard gone'])
  portsGone.resolve(undefined)
  await removal
  t.deepEqual(calls.slice(5), ['port gone', 'all gone'])
})

test('creating twice is creating once, and only what is missing is missing', async t => {
  const kernel = new FakeKernel()
  const executor = new Executor(kernel.families)
  await executor.create(list)
  await executor.create(list)
  t.is(kernel.objects.size, 4)
  kernel.objects.delete(JSON.stringify(guard))
  t.deepEqual(await executor.missing(list), [guard])
  t.deepEqual(executor.describe([guard]), ['make forward-guard'])
})

test('an object of a kind that no family makes is a defect that is named', async t => {
  await t.throwsAsync(new Executor([]).create([guard]), { code: 'internal-error', message: /"forward-guard"/ })
})
