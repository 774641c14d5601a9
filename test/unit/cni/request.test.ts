/** Calls and results, without a kernel: what is read of them, in whatever case and version. */
import test from 'ava'
import { failureOfError } from '../../../cni/error.ts'
import { booleanOf, integerOf, objectsOf, stringOf, valueOf } from '../../../cni/fields.ts'
import { argumentsOf, parseCommand, parseRequest } from '../../../cni/request.ts'
import { formatResult, parseResult } from '../../../cni/result.ts'
import { TsnetError } from '../../../errors/error.ts'

const environment = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'c1', CNI_NETNS: '/run/netns/c1', CNI_IFNAME: 'eth0', CNI_PATH: '/a::/b' }
const request = (config: object, more: Readonly<Record<string, string>> = {}) =>
  parseRequest('ADD', { ...environment, ...more }, JSON.stringify({ cniVersion: '1.0.0', name: 'n', type: 't', ...config }))
const codeOf = (act: () => unknown): number => {
  try {
    act()
  } catch (error) {
    return failureOfError(error).code
  }
  return 0
}

test('keys are read in any case, the exact one first, null as absent', t => {
  const object = { HostPort: 1, hostport: 2, Protocol: 'tcp', gone: null }
  t.is(valueOf(object, 'hostPort'), 2)
  t.is(integerOf(object, 'HostPort'), 1)
  t.is(stringOf(object, 'protocol'), 'tcp')
  t.is(booleanOf(object, 'gone'), undefined)
  t.deepEqual(objectsOf({ Ranges: [{ a: 1 }] }, 'ranges'), [{ a: 1 }])
  for (const value of [1, 'x', {}, [1]]) t.is(codeOf(() => objectsOf({ key: value }, 'key')), 6)
})

test('a call without a version is of 0.1.0, and folders of CNI_PATH are what is between the colons', t => {
  t.is(request({ cniVersion: '' }).version, '0.1.0')
  t.is(request({ cniVersion: null }).version, '0.1.0')
  t.deepEqual(request({}).path, ['/a', '/b'])
})

test('all variables that are missing are named at once', t => {
  const error = t.throws(() => parseCommand({ CNI_COMMAND: 'CHECK', CNI_IFNAME: 'eth0' }))
  t.is(error.message, 'required env variables [CNI_CONTAINERID,CNI_NETNS,CNI_PATH] missing')
  t.is(parseCommand({ CNI_COMMAND: 'VERSION' }), 'VERSION')
  t.is(parseCommand({ CNI_COMMAND: 'GC', CNI_PATH: '/x' }), 'GC')
})

test('arguments that a plugin does not know are refused unless the caller says otherwise', t => {
  const kubernetes = 'K8S_POD_NAMESPACE=default;K8S_POD_NAME=x;IgnoreUnknown=1'
  t.deepEqual(argumentsOf(request({}, { CNI_ARGS: `${kubernetes};MAC=02:00:00:00:00:01` }), ['MAC']), { MAC: '02:00:00:00:00:01' })
  t.deepEqual(argumentsOf(request({}, { CNI_ARGS: 'IgnoreUnknown=true;X=' }), ['MAC']), {})
  t.is(codeOf(() => argumentsOf(request({}, { CNI_ARGS: 'IgnoreUnknown=0;X=1' }), ['MAC'])), 4)
  for (const text of ['X', 'X=1;', 'X=1=2', ';']) t.is(codeOf(() => request({}, { CNI_ARGS: text })), 4, text)
})

const full = {
  interfaces: [{ name: 'br0' }, { name: 'eth0', mac: '02:00:00:00:00:01', mtu: 1400, sandbox: '/x' }],
  ips: [{ interface: 1, address: '10.0.0.2/24', gateway: '10.0.0.1' }, { address: 'fd00::2/64' }], routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1', mtu: 1300 }], dns: { search: ['a'] },
}

test('a result that was printed is read back in every version that can say it', t => {
  t.deepEqual(parseResult(JSON.parse(formatResult(full, '1.1.0')) as Record<string, unknown>), full)
  for (const version of ['0.3.0', '0.3.1', '0.4.0', '1.0.0'] as const) {
    const read = parseResult(JSON.parse(formatResult(full, version)) as Record<string, unknown>)
    t.deepEqual(read.ips, full.ips, version)
    t.deepEqual(read.routes, [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }], version)
    t.is(read.interfaces[1]?.mtu, undefined, version)
  }
  for (const version of ['0.1.0', '0.2.0'] as const) {
    const read = parseResult(JSON.parse(formatResult(full, version)) as Record<string, unknown>)
    t.deepEqual(read.ips.map(({ address }) => address), ['10.0.0.2/24', 'fd00::2/64'])
    t.is(codeOf(() => formatResult({ ...full, ips: [] }, version)), 999)
  }
})

test('a failure of tsnet is told by the number that callers know', t => {
  t.like(failureOfError(new TsnetError('port-in-use', 'x')), { code: 11, msg: 'x', details: 'tsnet: port-in-use' })
  t.like(failureOfError(new TsnetError('store-error', 'x')), { code: 5 })
  t.deepEqual(failureOfError(new Error('y')), { code: 999, msg: 'y' })
})
