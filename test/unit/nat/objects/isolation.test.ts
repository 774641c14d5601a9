import test from 'ava'
import { fromNetwork, guardsSubnets, hasPublishedPorts, intoNetwork } from '../../../../nat/objects/isolation.ts'
import type { IsolationObject } from '../../../../objects/firewall.ts'

const isolation = (options: Partial<IsolationObject> = {}): IsolationObject => ({
  kind: 'isolation', family: 4, bridge: 'br0', subnets: ['10.0.0.0/24'], gateways: ['10.0.0.1'], icc: true, internal: false, mode: 'nat', ...options,
})
const into = (options: Partial<IsolationObject>): string => intoNetwork(isolation(options)).map(({ arrival, verdict, link, from }) =>
  `${arrival}${link === undefined ? '' : `<${link}`}${from === undefined ? '' : `<${from}`}:${verdict}`).join(' ')

test('each gateway mode lets in what it is meant to, and decides about everything', t => {
  t.is(into({}), 'established:accept published:accept member:accept any:drop')
  t.is(into({ icc: false }), 'established:accept published:accept member:drop any:drop')
  t.is(into({ mode: 'nat-unprotected' }), 'established:accept published:accept member:accept any:accept')
  t.is(into({ mode: 'routed' }), 'established:accept ports:accept member:accept ping:accept any:drop')
  t.is(into({ mode: 'isolated' }), 'member:accept any:drop')
  t.is(into({ internal: true }), 'member:accept any:drop')
  t.is(into({ internal: true, icc: false }), 'member:drop any:drop')
})

test('the publish policy and trusted links narrow and widen who reaches published ports', t => {
  const from = '192.0.2.0/24'
  t.is(into({ publishedTo: [] }), 'established:accept published<br0:accept member:accept any:drop')
  t.is(into({ publishedTo: [from] }), `established:accept published<${from}:accept published<br0:accept member:accept any:drop`)
  t.is(into({ trusted: ['wg0'] }), 'established:accept published:accept ports<wg0:accept member:accept any:drop')
  t.is(into({ trusted: ['wg0'], publishedTo: [from] }),
    `established:accept published<${from}:accept published<br0:accept ports<wg0<${from}:accept member:accept any:drop`)
  t.is(into({ mode: 'routed', publishedTo: [from], trusted: ['wg0'] }), `established:accept ports<${from}:accept member:accept ping:accept any:drop`)
  t.is(into({ internal: true, publishedTo: [from], trusted: ['wg0'] }), 'member:accept any:drop')
})

test('nothing leaves an internal or isolated network', t => {
  t.is(fromNetwork(isolation()), 'accept')
  t.is(fromNetwork(isolation({ icc: false })), 'accept')
  t.is(fromNetwork(isolation({ internal: true })), 'drop')
  t.is(fromNetwork(isolation({ mode: 'isolated' })), 'drop')
})

test('container addresses are dropped from elsewhere but where they are meant to be used', t => {
  const guarded = (options: Partial<IsolationObject>): boolean => guardsSubnets(isolation(options))
  t.true(guarded({}))
  t.true(guarded({ internal: true, mode: 'routed' }))
  t.true(guarded({ mode: 'isolated' }))
  t.false(guarded({ mode: 'nat-unprotected' }))
  t.false(guarded({ mode: 'routed' }))
  t.false(guarded({ unmasqueraded: true }))
  t.false(hasPublishedPorts(isolation({ mode: 'routed' })))
})
