import test from 'ava'
import { proxyHeader } from '../../../../engine/proxy/header.ts'

const ends = { client: { ip: '2001:db8::2', port: 6000 }, server: { ip: '2001:db8::1', port: 8080 } }

test('version 1 is a line of text', t => {
  t.is(proxyHeader('v1', ends).toString(), 'PROXY TCP6 2001:db8::2 2001:db8::1 6000 8080\r\n')
})

test('version 2 is a signature, the family, a length and the two ends', t => {
  t.is(proxyHeader('v2', ends).toString('hex'), [
    '0d0a0d0a000d0a515549540a', '21', '21', '0024', '20010db8000000000000000000000002', '20010db8000000000000000000000001', '1770', '1f90',
  ].join(''))
})
