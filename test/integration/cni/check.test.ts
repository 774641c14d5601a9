/**
 * CHECK, after somebody has changed what an ADD made: told of where the reference plugin tells of it, in both versions that it knows. Each change is made twice, to
 * what either of them made.
 */
import test from 'ava'
import { mkdtempSync } from 'node:fs'
import { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { type Json, ours, reference, withContainers } from './lab.ts'

interface Result { readonly interfaces: readonly Json[], readonly ips: readonly Json[], readonly routes: readonly Json[] }

interface Case {
  readonly title: string
  readonly isTold: boolean
  /** What is changed, as a command of the shell. */
  readonly change?: string
  /** The result that CHECK is given. */
  readonly edit?: (result: Result) => object
  /** Fields of the configuration that CHECK is given. */
  readonly fields?: Json
}

const withInterface = (at: number, fields: Json) => (result: Result): object =>
  ({ ...result, interfaces: result.interfaces.map((each, index) => index === at ? { ...each, ...fields } : each) })
const strangeMac = { mac: '02:00:00:00:00:99' }

const cases: readonly Case[] = [
  { title: 'nothing', isTold: false },
  { title: 'an address more', change: 'ip -n c1 addr add 10.99.0.1/24 dev eth0', isTold: false },
  { title: 'another MTU', change: 'ip -n c1 link set eth0 mtu 1300', isTold: false },
  { title: 'the address', change: 'ip -n c1 addr flush dev eth0', isTold: true },
  { title: 'the route', change: 'ip -n c1 route del default', isTold: true },
  { title: 'the interface, down', change: 'ip -n c1 link set eth0 down', isTold: true },
  { title: 'the interface', change: 'ip -n c1 link del eth0', isTold: true },
  { title: 'its MAC address', change: `ip -n c1 link set eth0 address ${strangeMac.mac}`, isTold: true },
  { title: 'the bridge', change: 'ip link del cni7', isTold: true },
  { title: 'the port of the bridge', change: 'ip link set "$(ip -o link show master cni7 | cut -d : -f 2 | cut -d @ -f 1 | tr -d " ")" nomaster', isTold: true },
  { title: 'the bridge, promiscuous', change: 'ip link set cni7 promisc on', isTold: true },
  { title: 'a mode that the configuration has now', fields: { promiscMode: true }, isTold: true },
  { title: 'another address in the result', edit: result => ({ ...result, ips: [{ ...result.ips[0], address: '10.7.0.99/24' }] }), isTold: true },
  { title: 'another MAC address in the result', edit: withInterface(2, strangeMac), isTold: true },
  { title: 'another MAC address of the host\'s end in the result', edit: withInterface(1, strangeMac), isTold: true },
  { title: 'another namespace in the result', edit: withInterface(2, { sandbox: '/run/netns/other' }), isTold: true },
  { title: 'a route more in the result', edit: result => ({ ...result, routes: [...result.routes, { dst: '10.222.0.0/16', gw: '10.7.0.1' }] }), isTold: true },
  { title: 'an interface more in the result', edit: result => ({ ...result, interfaces: [...result.interfaces, { name: 'ifb7', ...strangeMac }] }), isTold: false },
  { title: 'a result of a version to come', edit: result => ({ ...result, cniVersion: '9.0.0' }), isTold: true },
  { title: 'an empty result', edit: () => ({}), isTold: true },
]

for (const cniVersion of ['0.4.0', '1.0.0']) {
  test.serial(`CHECK of ${cniVersion} tells of what the reference plugin tells of`, async t => {
    if (!requires.root(t)) return
    await using host = await FakeHost.create()
    const tellers = [['the reference plugin', reference], ['tsnet', (program, spec) => ours(program, spec, { roots: host.roots })]] as readonly (readonly [string, typeof reference])[]
    for (const { title, change, edit = (result: Result) => result, fields, isTold } of cases) {
      for (const [who, call] of tellers) {
        await withContainers(['c1'], async () => {
          const config = { cniVersion, name: 'blue', type: 'bridge', bridge: 'cni7', isDefaultGateway: true, ipam: { type: 'host-local', subnet: '10.7.0.0/24', dataDir: mkdtempSync('/run/cni-') } }
          const added = await call('bridge', { command: 'ADD', config })
          t.is(added.status, 0, `${who}: ${added.stdout}`)
          if (change !== undefined) await host.run('sh', '-c', change)
          const { status, stdout, result } = await call('bridge', { command: 'CHECK', config: { ...config, ...fields, prevResult: edit(added.result as unknown as Result) } })
          t.is(status, isTold ? 1 : 0, `${title}, by ${who}: ${stdout}`)
          if (!isTold) t.is(stdout, '', `${title}, by ${who}`)
          else if (who === 'tsnet') t.is(result['code'], title.endsWith('to come') ? 6 : 999, `${title}: ${stdout}`)
          t.is((await call('bridge', { command: 'DEL', config: { ...config, prevResult: { ips: 'nonsense' } } })).status, 0, `${title}, by ${who}`)
        })
        await host.try('ip', 'link', 'del', 'cni7')
      }
    }
  })
}
