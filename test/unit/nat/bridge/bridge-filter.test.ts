import test from 'ava'
import { TsnetError } from '../../../../errors/error.ts'
import { BridgeFilter, type BridgeKernel } from '../../../../nat/bridge/bridge-filter.ts'
import type { BridgeFilterObject } from '../../../../objects/bridge-filter.ts'

const bridge: BridgeFilterObject = { kind: 'guarded-bridge', bridge: 'br-a' }
const guard: BridgeFilterObject = { kind: 'port-guard', port: 'ts1', sources: { mac: '02:42:ac:12:00:02', addresses: ['172.18.0.2', 'fd00::2'] } }
const apart: BridgeFilterObject = { ...guard, onlyTo: '02:42:ac:12:00:01' }

const refusal = (errno: string): TsnetError => new TsnetError('firewall-error', `change firewall rules: ${errno}`, { data: { errno } })

/** A kernel that answers each batch with the next of `answers`, and then with success. */
function fakeKernel(...answers: readonly (string | undefined)[]): BridgeKernel & { readonly batches: readonly string[][] } {
  const batches: string[][] = []
  return {
    batches,
    generation: () => 1, hasTable: () => true, rules: () => [], elements: () => new Map(), hasElements: () => false, close: () => undefined,
    transact: requests => {
      batches.push(requests.map(({ name, detail }) => `${name.replace('NFT_MSG_', '')} ${detail}`))
      const errno = answers[batches.length - 1]
      if (errno !== undefined) throw refusal(errno)
    },
  }
}

test('a guard is one batch of elements; the frame is made where the kernel does not know the sets', t => {
  const [usual, fresh] = [fakeKernel(), fakeKernel('ENOENT')]
  new BridgeFilter({ kernel: usual }).create([guard])
  t.deepEqual(usual.batches, [['macs', 'ipv4', 'ipv6', 'targets', 'own-ipv4', 'ports'].map(set => `NEWSETELEM ${set}`)])
  new BridgeFilter({ kernel: fresh }).create([guard])
  t.is(fresh.batches[1]?.[0], 'NEWTABLE tsnet')
  t.is(fresh.batches[1]?.at(-1), 'NEWSETELEM ports', 'as long as a port is not there, its sender is not looked at')
})

test('a guard of a port apart brings the hook for what is forwarded, and no look-up that would let its frames past', t => {
  const kernel = fakeKernel()
  new BridgeFilter({ kernel }).create([apart])
  const [names = []] = kernel.batches
  t.true(names.some(name => /^NEWCHAIN .*forward/.test(name)))
  t.deepEqual(names.filter(name => name.startsWith('NEWSETELEM')), ['apart', 'hosts', 'macs', 'ipv4', 'ipv6', 'targets', 'ports'].map(set => `NEWSETELEM ${set}`))
})

for (const errno of ['ENOENT', 'EOPNOTSUPP', 'EINVAL', 'EAFNOSUPPORT']) {
  test(`a kernel that answers ${errno} to the frame is told of once, and done without`, t => {
    const warnings: string[] = []
    const kernel = fakeKernel(errno, errno, errno, errno)
    const filter = new BridgeFilter({ kernel, warn: line => warnings.push(line) })
    filter.create([bridge])
    filter.create([guard])
    t.deepEqual(warnings, ['this kernel cannot filter on bridges (nf_tables, family bridge): containers of a network could send with each other\'s addresses'])
  })
}

test('a kernel without nf_tables has nothing to remove', t => {
  const kernel = fakeKernel('EOPNOTSUPP')
  t.notThrows(() => new BridgeFilter({ kernel }).remove([guard]))
})

test('any other refusal is an error', t => {
  t.throws(() => new BridgeFilter({ kernel: fakeKernel('EPERM') }).create([guard]), { code: 'firewall-error' })
  t.throws(() => new BridgeFilter({ kernel: fakeKernel('EPERM') }).create([bridge]), { code: 'firewall-error' })
  t.throws(() => new BridgeFilter({ kernel: fakeKernel('EPERM') }).remove([guard]), { code: 'firewall-error' })
})

test('where some of the elements are gone already, the rest is removed by a closer look', t => {
  const kernel = fakeKernel('ENOENT')
  new BridgeFilter({ kernel: { ...kernel, hasElements: (_table, set) => set === 'macs' } }).remove([guard])
  t.deepEqual(kernel.batches[1], ['DELSETELEM macs'])
})

test('a guard in nft\'s words; nobody\'s address is everybody\'s', t => {
  t.deepEqual(new BridgeFilter({ kernel: fakeKernel() }).describe(apart).slice(0, 2), [
    'nft add element bridge tsnet apart { "ts1" }',
    'nft add element bridge tsnet hosts { "ts1" . 02:42:ac:12:00:01 }',
  ])
  t.deepEqual(new BridgeFilter({ kernel: fakeKernel() }).describe(guard), [
    'nft add element bridge tsnet macs { "ts1" . 02:42:ac:12:00:02 }',
    'nft add element bridge tsnet ipv4 { "ts1" . 172.18.0.2 }',
    'nft add element bridge tsnet ipv6 { "ts1" . fd00::2 }',
    'nft add element bridge tsnet ipv4 { "ts1" . 0.0.0.0 }',
    'nft add element bridge tsnet ipv6 { "ts1" . :: }',
    'nft add element bridge tsnet targets { "ts1" . 0xfd000000000000000000000000000002 }',
    'nft add element bridge tsnet own-ipv4 { "ts1" . 02:42:ac:12:00:02 . 172.18.0.2 }',
    'nft add element bridge tsnet ports { "ts1" : goto sources }',
  ])
})
