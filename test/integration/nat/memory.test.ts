/** What the iptables backend remembers of its own last transaction, and when it must not. Seen with iptables-save. */
import { setTimeout } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { run, startWaiting } from '../../../kernel/exec.ts'
import { BridgeFilter } from '../../../nat/bridge/bridge-filter.ts'
import { NativeForeignAccepts } from '../../../nat/nftables/foreign-accepts.ts'
import { IptablesFirewall } from '../../../nat/iptables/firewall.ts'
import { NftKernel } from '../../../nat/nftables/kernel.ts'
import { OwnChanges } from '../../../nat/own-changes.ts'
import { iptablesLines } from '../../helpers/firewall-lines.ts'
import { runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { network, publish } from './world.ts'

interface Bench { readonly firewall: IptablesFirewall, readonly reads: string[], readonly saved: () => Promise<readonly string[]> }

function open(variant: 'nft' | 'legacy', ownChanges = new OwnChanges()): Bench {
  const native = new NativeForeignAccepts(() => undefined, ownChanges)
  const reads: string[] = []
  const named = (program: string): string => program.replace('tables-', `tables-${variant}-`)
  const firewall = new IptablesFirewall({
    foreign: native, generation: () => native.generation(),
    run: ([program = '', ...args], options) => {
      if (program.endsWith('-save')) reads.push(program)
      return run([named(program), ...args], options)
    },
    start: ([program = '', ...args]) => startWaiting([named(program), ...args]),
  })
  const saved = async (): Promise<readonly string[]> => {
    const texts = await Promise.all(['iptables-save', 'ip6tables-save'].map(async program => (await runCommand([named(program)])).stdout))
    return texts.flatMap(text => [...iptablesLines(text)]).toSorted()
  }
  return { firewall, reads, saved }
}

const needs = (t: ExecutionContext): boolean => requires.root(t) && requires.tool(t, 'iptables-legacy-restore') && requires.tool(t, 'nft')
const all = [...network('br-a'), ...network('br-b'), publish(4, 8080), publish(6, 8080)]

test.serial('the rules are read once for many changes, and are the same as if they were read each time', async t => {
  if (!needs(t)) return
  const { firewall, reads, saved } = open('nft')
  const before = await saved()
  await firewall.create(network('br-a'))
  await firewall.create([publish(4, 8080), publish(6, 8080)])
  t.deepEqual(reads, ['iptables-save', 'ip6tables-save'])
  await firewall.create(network('br-b'))
  await firewall.create(network('br-b'))
  t.deepEqual(reads, ['iptables-save', 'ip6tables-save'], 'both families of one process')
  const found = await saved()
  await new IptablesFirewall({ run }).remove(all)
  t.deepEqual(await saved(), before)
  await new IptablesFirewall({ run }).create(all)
  t.deepEqual(await saved(), found)
  await firewall.remove(all)
  t.deepEqual(await saved(), before)
})

test.serial('what this process changes natively beside does not count, what another one does counts', async t => {
  if (!needs(t)) return
  const ownChanges = new OwnChanges()
  const own = new BridgeFilter({ kernel: new NftKernel(() => undefined, ownChanges) })
  const other = new BridgeFilter()
  const { firewall, reads, saved } = open('nft', ownChanges)
  const before = await saved()
  await firewall.create(network('br-a'))
  reads.length = 0
  own.create([{ kind: 'guarded-bridge', bridge: 'br-a' }])
  own.create([{ kind: 'guarded-bridge', bridge: 'br-a' }])
  await firewall.create([publish(4, 8080)])
  t.deepEqual(reads, [])
  other.create([{ kind: 'guarded-bridge', bridge: 'br-b' }])
  await firewall.create([publish(4, 8081)])
  t.deepEqual(reads, ['iptables-save'])
  own.remove([{ kind: 'guarded-bridge', bridge: 'br-a' }, { kind: 'guarded-bridge', bridge: 'br-b' }])
  for (const filter of [own, other]) filter.close()
  await firewall.remove([...network('br-a'), publish(4, 8080), publish(4, 8081)])
  t.deepEqual(await saved(), before)
})

test.serial('what was read ahead serves the next creation, unless something was changed since or the tool does not count', async t => {
  if (!needs(t)) return
  for (const [variant, changed, expected] of [['nft', false, 1], ['nft', true, 2], ['legacy', false, 2]] as const) {
    const { firewall, reads, saved } = open(variant)
    const before = await saved()
    firewall.prepare([publish(4, 8080)])
    t.deepEqual(reads, ['iptables-save'], 'it has begun')
    if (changed) await new IptablesFirewall({ run }).create([publish(4, 8081)])
    await firewall.create([publish(4, 8080)])
    t.is(reads.length, expected, `${variant}, ${changed ? 'changed' : 'unchanged'}`)
    await firewall.remove([publish(4, 8080)])
    if (changed) await new IptablesFirewall({ run }).remove([publish(4, 8081)])
    t.deepEqual(await saved(), before)
  }
})

test.serial('two removals of one process at once, each planned beside the other\'s port, leave nothing', async t => {
  if (!needs(t)) return
  const { firewall, saved } = open('nft')
  const before = await saved()
  for (let round = 0; round < 5; round += 1) {
    const ports = [8080, 8081, 8082].map(port => publish(4, port))
    await firewall.create(ports)
    await Promise.all(ports.map(port => firewall.remove([port])))
    t.deepEqual(await saved(), before)
  }
})

for (const [what, argv] of [
  ['removes a rule of the frame', ['iptables', '-D', 'FORWARD', '-j', 'TSNET-FORWARD']],
  ['flushes a chain', ['iptables', '-t', 'nat', '-F', 'POSTROUTING']],
  ['adds a rule of its own', ['iptables', '-I', 'FORWARD', '-s', '203.0.113.0/24', '-j', 'DROP']],
] as const) {
  test.serial(`what is remembered is forgotten when somebody else ${what}`, async t => {
    if (!needs(t)) return
    const { firewall, reads, saved } = open('nft')
    const before = await saved()
    await firewall.create(network('br-a'))
    const found = await saved()
    reads.length = 0
    await runCommand(argv)
    await firewall.create(network('br-a'))
    t.deepEqual(reads.slice(0, 1), ['iptables-save'])
    const again = await saved()
    t.true(found.every(line => again.includes(line)), 'all of ours is there again')
    await runCommand(['iptables', '-D', 'FORWARD', '-s', '203.0.113.0/24', '-j', 'DROP'])
    await firewall.remove(network('br-a'))
    t.deepEqual(await saved(), before)
  })
}

test.serial('nothing is remembered of iptables-legacy, whose changes the kernel does not count', async t => {
  if (!needs(t)) return
  const { firewall, reads, saved } = open('legacy')
  const before = await saved()
  await firewall.create(network('br-a'))
  reads.length = 0
  await runCommand(['iptables-legacy', '-D', 'FORWARD', '-j', 'TSNET-FORWARD'])
  await firewall.create(network('br-a'))
  t.deepEqual(reads, ['iptables-save', 'ip6tables-save'])
  t.true((await saved()).some(line => line.includes('-A FORWARD -j TSNET-FORWARD')))
  await firewall.remove(network('br-a'))
  t.deepEqual(await saved(), before)
})

for (const variant of ['nft', 'legacy'] as const) {
  test.serial(`${variant}: what waits to write has read nothing and holds nothing: what others write meanwhile counts, and stays`, async t => {
    if (!needs(t)) return
    const { firewall, saved } = open(variant)
    const other = open(variant).firewall
    const before = await saved()
    await firewall.create([publish(4, 8080)])
    firewall.expectPorts()
    await setTimeout(50)
    await other.create([publish(4, 8081)])
    await other.remove([publish(4, 8080)])
    await firewall.create([publish(4, 8082)])
    t.deepEqual(await firewall.missing([publish(4, 8081), publish(4, 8082)]), [])
    t.deepEqual(await firewall.missing([publish(4, 8080)]), [publish(4, 8080)])
    await firewall.remove([publish(4, 8081), publish(4, 8082)])
    t.deepEqual(await saved(), before)
    firewall.close()
    other.close()
  })
}
