/**
 * Mutated calls, in process: each is answered with a result or with an error of the specification, and whatever it was, one DEL leaves no
 * interface and no address. 500 as a test, TSNET_FUZZ_COUNT of them by `npm run fuzz`.
 */
import test from 'ava'
import fc from 'fast-check'
import { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { type CallSpec, type Json, ours, tsnetConfig, withContainers } from './lab.ts'

const runs = Number(process.env.TSNET_FUZZ_COUNT ?? 500)

const whole: Json = {
  ...tsnetConfig, cniVersion: '1.1.0', mtu: 1400, hairpinMode: false, promiscMode: false, vlan: 0, vlanTrunk: [], preserveDefaultVlan: true, ipMasqBackend: 'nftables', macspoofchk: false,
  backend: '', markMasqBit: 14, masqAll: false, conditionsV4: ['ip', 'saddr', '!=', '198.51.100.7'], conditionsV6: ['ip6', 'saddr', 'fc00::/7'], portIsolation: false,
  dns: { nameservers: ['10.7.0.1'], search: ['example'] }, args: { cni: { ips: ['10.7.0.9'], mac: '02:00:00:00:00:01' } }, ingressRate: 8_000_000, ingressBurst: 8_000_000,
  ipam: { type: 'host-local', ranges: [[{ subnet: '10.7.0.0/24', rangeStart: '10.7.0.5', rangeEnd: '10.7.0.200', gateway: '10.7.0.1' }], [{ subnet: 'fd07::/64' }]], routes: [{ dst: '0.0.0.0/0' }] },
}

/** Values that are wrong in some way, or right by chance. */
const strange = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1, 4095, 65_536, 2 ** 31, 2 ** 53, 1.5, '', ' ', '\0', '../..', '10.7.0.1', '10.7.0.0/24', '::', 'fd07::/127', 'eth0', 'a'.repeat(300), [], {}, [[]], [null], [{}]),
  fc.string({ maxLength: 20 }), fc.integer(), fc.jsonValue({ maxDepth: 2 }),
)

/** All paths to values, as keys. */
function pathsOf(value: unknown, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))]
}

/** The value with what is at the path replaced; undefined takes it out. */
function withValue(value: unknown, [key, ...rest]: readonly (string | number)[], replacement: unknown): unknown {
  if (key === undefined || typeof value !== 'object' || value === null) return replacement
  if (Array.isArray(value)) return value.map((inner: unknown, index) => String(index) === String(key) ? withValue(inner, rest, replacement) : inner)
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [name, name === String(key) ? withValue(inner, rest, replacement) : inner])
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined))
}

const paths = pathsOf(whole).filter(path => path.length > 0)
const mutation = fc.array(fc.record({ path: fc.constantFrom(...paths), value: fc.option(strange, { nil: undefined, freq: 4 }) }), { minLength: 1, maxLength: 3 })
const environment = fc.option(fc.record({
  command: fc.constantFrom('ADD', 'ADD', 'ADD', 'CHECK', 'DEL', 'STATUS', 'GC'), ifname: fc.constantFrom('eth0', 'lo', 'a b', 'x'.repeat(15)),
  args: fc.constantFrom('', 'IP=10.7.0.77', 'IgnoreUnknown=1;X=2', 'IP=;', 'MAC=02:00:00:00:00:05'),
}), { freq: 3 })

test.serial(`${runs} mutated calls are answered, and leave nothing behind`, async t => {
  if (!requires.root(t)) return
  t.timeout(runs * 1000)
  await using host = await FakeHost.create()
  await host.tsnet('firewall', 'use', 'nftables')
  const call = (spec: CallSpec) => ours('tsnet', spec, { roots: host.roots })
  let succeeded = 0
  await withContainers(['c1'], async () => {
    await fc.assert(fc.asyncProperty(mutation, environment, fc.nat(20), async (changes, variables, cut) => {
      const config = changes.reduce<unknown>((value, { path, value: replacement }) => withValue(value, path, replacement), whole)
      const text = JSON.stringify(config)
      const spec: CallSpec = { command: 'ADD', ...variables, config: cut === 0 ? text.slice(0, text.length / 2) : text }
      const { status, result } = await call(spec)
      if (status === 0) succeeded += 1
      else if (typeof result['code'] !== 'number' || typeof result['msg'] !== 'string' || result['msg'] === '') throw new Error(`no error of the specification: ${JSON.stringify(result)}`)
      const network = (config as Json)['name']
      const named = typeof network === 'string' && network !== '' ? { name: network } : {}
      for (const ifname of new Set(['eth0', spec.ifname ?? 'eth0'])) {
        if (ifname !== 'lo' && ifname !== 'a b') await call({ command: 'DEL', ifname, config: { ...tsnetConfig, ...named } })
      }
      const left = await host.run('ip', '-o', 'link', 'show', 'type', 'veth')
      if (/^\d+: veth/m.test(left)) throw new Error(`left: ${left}`)
    }), { numRuns: runs })
  })
  t.true(succeeded > runs / 50, `${succeeded} succeeded`)
  t.notRegex(await host.run('nft', 'list', 'ruleset'), /10\.7\.0\.\d+ \. /)
})
