import test from 'ava'
import { randomName } from '../../../../runtime/container/names.ts'
import { parseSignal } from '../../../../runtime/container/signals.ts'
import { exitCodeOf, parseEndStatus } from '../../../../runtime/container/status-file.ts'
import { validateSpec } from '../../../../runtime/container/validate.ts'
import type { ContainerSpec } from '../../../../runtime/types.ts'
import { plainSpec } from './fake-world.ts'

const refused: readonly (readonly [string, Partial<ContainerSpec>, string])[] = [
  ['a name that begins with a dash', { name: '-a' }, 'invalid-name'],
  ['a name of one character', { name: 'a' }, 'invalid-name'],
  ['a name that fills pages', { name: 'a'.repeat(256) }, 'invalid-name'],
  ['a search domain that begins a line', { dnsSearch: ['a\nnameserver 192.0.2.6'] }, 'invalid-argument'],
  ['a search domain of two words', { dnsSearch: ['a b'] }, 'invalid-argument'],
  ['a resolver option that begins a line', { dnsOptions: ['rotate\nnameserver 192.0.2.6'] }, 'invalid-argument'],
  ['an empty resolver option', { dnsOptions: [''] }, 'invalid-argument'],
  ['a hostname with a line end', { hostname: 'a\nb' }, 'invalid-argument'],
  ['an image and a rootfs', { rootfs: '/' }, 'conflicting-options'],
  ['container: with ports', { network: { mode: 'container', container: 'x' }, publishAll: true }, 'conflicting-options'],
  ['container: with a hostname', { network: { mode: 'container', container: 'x' }, hostname: 'h' }, 'conflicting-options'],
  ['container: with a MAC', { network: { mode: 'container', container: 'x' }, mac: '02:00:00:00:00:01' }, 'conflicting-options'],
  ['container: with --dns', { network: { mode: 'container', container: 'x' }, dns: ['1.1.1.1'] }, 'conflicting-options'],
  ['container: with --add-host', { network: { mode: 'container', container: 'x' }, extraHosts: ['a:1.1.1.1'] },
    'conflicting-options'],
  ['an address on the host\'s network', { network: { mode: 'host' }, ip: '1.1.1.1' }, 'conflicting-options'],
  ['an address that is none', { ip: '1.1.1' }, 'invalid-address'],
  ['a DNS server by name', { dns: ['dns.example'] }, 'invalid-address'],
  ['an extra host without address', { extraHosts: ['db'] }, 'invalid-argument'],
  ['a multicast MAC', { mac: '01:00:00:00:00:01' }, 'invalid-address'],
  ['too little memory', { limits: { memoryBytes: 1024 } }, 'invalid-argument'],
  ['more CPUs than there are', { limits: { cpuQuotaUs: 300_000 } }, 'invalid-argument'],
  ['a relative working directory', { workdir: 'x' }, 'invalid-argument'],
  ['a relative mount target', { mounts: [{ kind: 'volume', target: 'x', readOnly: false }] }, 'invalid-argument'],
  ['a mount on the root', { mounts: [{ kind: 'volume', target: '//', readOnly: false }] }, 'invalid-argument'],
  ['a relative bind source', { mounts: [{ kind: 'bind', source: 'a', target: '/a', readOnly: false }] }, 'invalid-argument'],
  ['a volume name that is a path', { mounts: [{ kind: 'volume', source: '../a', target: '/a', readOnly: false }] },
    'invalid-name'],
  ['a mount target twice', { mounts: ['/a', '/a/'].map(target => ({ kind: 'volume' as const, target, readOnly: false })) },
    'invalid-argument'],
  ['an unknown stop signal', { stopSignal: 'SIGNONE' }, 'invalid-argument'],
]

for (const [what, change, code] of refused) {
  test(`${what} is refused with ${code}`, t => {
    t.throws(() => validateSpec({ ...plainSpec, ...change }, { processors: 2 }), { code })
  })
}

test('what Docker takes is taken', t => {
  t.notThrows(() => validateSpec({
    ...plainSpec, name: 'a.b_c-1', hostname: 'h.corp', ip: '172.18.0.5', mac: '02:42:ac:11:00:09', dns: ['2001:db8::1'], dnsSearch: ['.', 'corp.example', 'a_b.c.'], dnsOptions: ['ndots:2', 'rotate'],
    extraHosts: ['a:1.2.3.4', 'b:[::1]', 'c:::1', 'd:host-gateway', 'e=1.2.3.4'], stopSignal: 'RTMIN+3',
    limits: { memoryBytes: 6 << 20, cpuQuotaUs: 200_000, pids: -1 },
  }, { processors: 2 }))
})

test('signals are read by name, number and real-time offset', t => {
  t.deepEqual(['SIGTERM', 'term', '15', 'RTMIN', 'SIGRTMIN+2', 'RTMAX-1', 'USR1'].map(parseSignal), [15, 15, 15, 34, 36, 63, 10])
  for (const bad of ['', '0', '65', 'TERMX', 'RTMIN-1', 'RTMAX+1']) {
    t.throws(() => parseSignal(bad), { code: 'invalid-argument' }, bad)
  }
})

test('a wait status becomes Docker\'s exit code', t => {
  t.deepEqual([0, 1 << 8, 255 << 8, 9, 15, 11 | 0x80].map(exitCodeOf), [0, 1, 255, 137, 143, 139])
})

test('a status file counts once its line is complete', t => {
  t.is(parseEndStatus(''), undefined)
  t.is(parseEndStatus('256 17 5'), undefined)
  t.deepEqual(parseEndStatus('256 17 5\n'), { exitCode: 1, finishedAt: '1970-01-01T00:00:17.000000005Z' })
})

test('random names are valid, and later attempts end in a digit', t => {
  for (let i = 0; i < 200; i++) t.regex(randomName(0), /^[a-z]+_[a-z]+$/)
  t.regex(randomName(1), /^[a-z]+_[a-z]+\d$/)
})
