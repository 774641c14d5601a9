import { readFileSync } from 'node:fs'
import test from 'ava'
import { calls } from '../../../plugin-api/schemas.ts'
import { checkRequest } from '../../../plugin-api/validation.ts'
import type { Call } from '../../../plugin-api/requests.ts'
import { generatePluginValidators, generatedPluginFile } from '../../../scripts/generate-validators.ts'

const check = (call: Call, value: unknown): unknown => checkRequest(call, Buffer.from(JSON.stringify(value)))

test('the validators are those of the schemas', t => {
  t.is(readFileSync(generatedPluginFile, 'utf8'), generatePluginValidators(), 'run: sh scripts/node.sh scripts/generate-validators.ts')
})

test('every call that takes an id refuses an empty body, as it comes when a request is sent again', t => {
  const withIds = Object.entries(calls).filter(([, { schema }]) => schema['required'] !== undefined)
  t.is(withIds.length, 15)
  for (const [call] of withIds) t.throws(() => checkRequest(call as Call, Buffer.alloc(0)), { code: 'invalid-argument', message: /must have required property/ }, call)
})

test('what takes nothing takes an empty body, {} and unknown fields', t => {
  for (const call of ['Plugin.Activate', 'NetworkDriver.GetCapabilities', 'IpamDriver.GetDefaultAddressSpaces'] as const) {
    t.deepEqual(checkRequest(call, undefined), {})
    t.deepEqual(check(call, {}), {})
    t.deepEqual(check(call, { Later: [1] }), { Later: [1] })
  }
})

test('Go\'s null is taken for an empty map or list', t => {
  t.notThrows(() => check('NetworkDriver.CreateNetwork', { NetworkID: 'a', Options: null, IPv4Data: null, IPv6Data: null }))
  t.notThrows(() => check('NetworkDriver.CreateNetwork', { NetworkID: 'a', Options: { 'com.docker.network.generic': null } }))
  t.notThrows(() => check('NetworkDriver.Join', { NetworkID: 'a', EndpointID: 'b', SandboxKey: '/x', Options: { 'com.docker.network.portmap': null } }))
  t.notThrows(() => check('IpamDriver.RequestPool', { AddressSpace: 'x', Options: null }))
})

test('wrong types are named with the place they are at', t => {
  t.throws(() => check('NetworkDriver.CreateNetwork', { NetworkID: 7 }), { message: 'read NetworkDriver.CreateNetwork: "NetworkID" must be string' })
  t.throws(() => check('NetworkDriver.CreateNetwork', { NetworkID: 'a', IPv4Data: [{ Pool: 1 }] }), { message: /"IPv4Data.0.Pool" must be string/ })
  t.throws(() => check('NetworkDriver.Join', []), { message: /must be object/ })
  t.throws(() => checkRequest('NetworkDriver.Join', Buffer.from('{"NetworkID":')), { message: 'read NetworkDriver.Join: the body is no JSON' })
})

test('an id that could be a path is refused', t => {
  for (const NetworkID of ['', '../x', 'a/b', 'a'.repeat(129), '-x']) t.throws(() => check('NetworkDriver.DeleteNetwork', { NetworkID }), { code: 'invalid-argument' })
})
