import test from 'ava'
import fc from 'fast-check'
import { Plan } from '../../../../nat/iptables/plan.ts'
import { commandText } from '../../../../nat/iptables/restore.ts'
import { ownRules, rulesOf } from '../../../../nat/iptables/rules.ts'
import { type RuleState, parseSave } from '../../../../nat/iptables/state.ts'
import type { FirewallObject, IsolationObject, PublishObject } from '../../../../objects/firewall.ts'

const isolation = (bridge: string, options: Partial<IsolationObject> = {}): IsolationObject => ({
  kind: 'isolation', family: 4, bridge, subnets: [`10.0.${bridge.length}.0/24`], gateways: [], icc: true, internal: false, mode: 'nat', ...options,
})
const publish = (first: number, last = first, container = 80): PublishObject => ({
  kind: 'publish', family: 4, bridge: 'br0', protocol: 'tcp', host: { first, last }, containerIp: '10.0.3.2', container: { first: container, last: container + last - first },
})
const empty = parseSave('')

function created(state: RuleState, ...objects: readonly FirewallObject[]): Plan {
  const plan = new Plan(state, 4)
  plan.add(objects.flatMap(object => rulesOf(object)))
  return plan
}

function removed(state: RuleState, ...objects: readonly FirewallObject[]): Plan {
  const plan = new Plan(state, 4)
  plan.remove(objects.flatMap(object => ownRules(object)))
  return plan
}

const text = (plan: Plan): readonly string[] => plan.commands.map(command => `${command.table} ${commandText(command)}`)
const contents = (state: RuleState) => [...state].map(([table, chains]) => [table, [...chains].filter(([, specs]) => specs.length > 0).toSorted(([a], [b]) => a < b ? -1 : 1)])

test('the frame comes with the first object and goes with the last', t => {
  const first = created(empty, publish(8080))
  t.deepEqual(text(first), [
    'nat -N TSNET', 'nat -A PREROUTING -m addrtype --dst-type LOCAL -j TSNET', 'nat -A OUTPUT -m addrtype --dst-type LOCAL -j TSNET',
    'nat -N TSNET-POSTROUTING', 'nat -A POSTROUTING -j TSNET-POSTROUTING',
    'nat -N TSNET-tcp-4096-8191', 'nat -A TSNET -p tcp -m tcp --dport 4096:8191 -j TSNET-tcp-4096-8191',
    'nat -N TSNET-tcp-7936-8191', 'nat -A TSNET-tcp-4096-8191 -p tcp -m tcp --dport 7936:8191 -j TSNET-tcp-7936-8191',
    'nat -N TSNET-tcp-8080-8095', 'nat -A TSNET-tcp-7936-8191 -p tcp -m tcp --dport 8080:8095 -j TSNET-tcp-8080-8095',
    'nat -A TSNET-tcp-8080-8095 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.3.2:80',
  ])
  const second = created(first.state, publish(8081))
  t.deepEqual(text(second), ['nat -A TSNET-tcp-8080-8095 -p tcp -m tcp --dport 8081 -j DNAT --to-destination 10.0.3.2:80'])
  t.deepEqual(text(removed(second.state, publish(8080))), ['nat -D TSNET-tcp-8080-8095 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.3.2:80'])
  t.true(removed(second.state, publish(8080), publish(8081)).isTableFree())
})

test('what two processes at once have made twice is removed twice', t => {
  const { state } = created(empty, publish(8080))
  state.get('nat')?.get('PREROUTING')?.push('-m addrtype --dst-type LOCAL -j TSNET')
  state.get('nat')?.get('TSNET')?.push('-p tcp -m tcp --dport 4096:8191 -j TSNET-tcp-4096-8191')
  const gone = removed(state, publish(8080))
  t.true(gone.isTableFree())
  t.deepEqual(contents(gone.state), contents(empty))
  t.is(text(gone).filter(line => line === 'nat -D PREROUTING -m addrtype --dst-type LOCAL -j TSNET').length, 2)
})

test('what is there is not made again, what is absent is not removed', t => {
  const state = created(empty, isolation('br0'), publish(8080)).state
  t.deepEqual(text(created(state, isolation('br0'), publish(8080))), [])
  t.deepEqual(text(removed(state, isolation('br-1'), publish(8082))), [])
  t.deepEqual(text(removed(empty, isolation('br0'))), [])
})

test('jumps stand before what others put into FORWARD', t => {
  const docker = parseSave('*filter\n:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\n-A DOCKER-USER -j RETURN\nCOMMIT\n')
  const forward = created(docker, isolation('br0')).state.get('filter')?.get('FORWARD')
  t.deepEqual(forward, ['-j TSNET-USER', '-j TSNET-FORWARD', '-j DOCKER-USER'])
})

test('rules that were lost are put back in their order', t => {
  const state = created(empty, isolation('br0')).state
  const whole = state.get('filter')?.get('TSNET-NET-br0') ?? []
  for (const lost of whole) {
    state.get('filter')?.set('TSNET-NET-br0', whole.filter(spec => spec !== lost))
    t.deepEqual(created(state, isolation('br0')).state.get('filter')?.get('TSNET-NET-br0'), whole, lost)
  }
})

test('the port of a routed network stands before every drop', t => {
  const object = { ...publish(80), routed: true }
  const filter = created(empty, isolation('br0', { mode: 'routed', icc: false }), object).state.get('filter')
  t.deepEqual(filter?.get('TSNET-NET-br0')?.filter(spec => !spec.includes('TCPMSS')), [
    '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', '-j TSNET-PORTS-br0', '-i br0 -j DROP', '-p icmp -j ACCEPT', '-j DROP',
  ])
  t.deepEqual(filter?.get('TSNET-PORTS-br0'), ['-d 10.0.3.2/32 -p tcp -m tcp --dport 80 -j ACCEPT', '-j RETURN'])
})

test('a chain of the user with rules in it stays, with the jump to it', t => {
  const state = created(empty, isolation('br0')).state
  state.get('filter')?.get('TSNET-USER')?.push('-s 192.0.2.2/32 -j DROP')
  const left = removed(state, isolation('br0')).state.get('filter')
  t.deepEqual(left?.get('FORWARD'), ['-j TSNET-USER'])
  t.deepEqual(left?.get('TSNET-USER'), ['-s 192.0.2.2/32 -j DROP'])
  t.deepEqual([...left?.keys() ?? []].filter(name => name.startsWith('TSNET')), ['TSNET-USER'])
})

test('the guard stands last, and goes with the last network', t => {
  const guard = { kind: 'forward-guard', family: 4 } as const
  const state = created(empty, guard, isolation('br0')).state
  t.is(state.get('filter')?.get('FORWARD')?.at(-1), '-j TSNET-GUARD')
  t.deepEqual(state.get('filter')?.get('TSNET-GUARD'), ['-j DROP'])
  t.deepEqual(text(removed(state, guard)), [])
  t.true(removed(state, isolation('br0')).isTableFree())
})

test('creation is taken back to what was there', t => {
  const before = created(empty, isolation('br0'), publish(8080)).state
  const plan = created(before, isolation('br-1'), publish(8081), publish(70))
  const undo = new Plan(plan.state, 4)
  undo.takeBack(plan.commands)
  t.deepEqual(contents(undo.state), contents(before))
})

const objects = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 12 }).map(numbers => numbers.map((n): FirewallObject =>
  n < 5 ? isolation(`br${'x'.repeat(n)}`) : publish(n * 37 + 1, n * 37 + 1 + (n % 3) * 20, 80)))

test('whatever is made, in whatever groups, is gone when all of it is removed in any order', t => {
  fc.assert(fc.property(objects, fc.integer(), (made, seed) => {
    let state: RuleState = empty
    for (const object of made) state = created(state, object).state
    const shuffled = made.toSorted((a, b) => (JSON.stringify(a).length * seed) % 7 - (JSON.stringify(b).length * seed) % 7)
    for (const object of shuffled) state = removed(state, object).state
    t.deepEqual(contents(state), contents(empty))
  }))
})
