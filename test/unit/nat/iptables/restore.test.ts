import test from 'ava'
import { IptablesFirewall } from '../../../../nat/iptables/firewall.ts'
import type { RunProgram, StartedProgram } from '../../../../nat/iptables/programs.ts'
import type { FirewallObject } from '../../../../objects/firewall.ts'

const network: readonly FirewallObject[] = [
  { kind: 'isolation', family: 4, bridge: 'br0', subnets: ['10.0.0.0/24'], gateways: ['10.0.0.1'], icc: true, internal: false, mode: 'nat' },
  { kind: 'masquerade', family: 4, bridge: 'br0', subnet: '10.0.0.0/24' },
]
const port: FirewallObject = {
  kind: 'publish', family: 4, bridge: 'br0', protocol: 'tcp', host: { first: 80, last: 80 }, containerIp: '10.0.0.2', container: { first: 80, last: 80 },
}

interface Call { readonly argv: readonly string[], readonly stdin: string }

function recorded(answer: (argv: readonly string[], n: number) => { status?: number, stdout?: string, stderr?: string } = () => ({})): { calls: Call[], run: RunProgram } {
  const calls: Call[] = []
  return {
    calls,
    async run(argv, options) {
      calls.push({ argv, stdin: options?.stdin ?? '' })
      return { status: 0, stdout: '', stderr: '', ...answer(argv, calls.length) }
    },
  }
}

test('a group is one iptables-restore, what protects before what opens', async t => {
  const { calls, run } = recorded()
  await new IptablesFirewall({ run }).create(network)
  t.deepEqual(calls.map(({ argv }) => argv.join(' ')), ['iptables-save', 'iptables-restore --noflush --wait'])
  t.deepEqual(calls[1]?.stdin.split('\n').filter(line => line.startsWith('*')), ['*raw', '*filter', '*nat'])
  t.false(/^:/m.test(calls[1]?.stdin ?? ''), 'a declared chain would be emptied')
})

test('ports alone read and write the one table they are in', async t => {
  const { calls, run } = recorded()
  await new IptablesFirewall({ run }).create([port])
  t.deepEqual(calls.map(({ argv }) => argv.join(' ')), ['iptables-save -t nat', 'iptables-restore --noflush --wait'])
})

test('ip6tables runs only where there is something for it', async t => {
  const { calls, run } = recorded()
  await new IptablesFirewall({ run }).create([...network, { ...port, family: 6, containerIp: 'fd00::2' }])
  t.deepEqual(calls.map(({ argv }) => argv[0]), ['iptables-save', 'iptables-restore', 'ip6tables-save', 'ip6tables-restore'])
})

test('a refusal names what the tool said and the line it said it of', async t => {
  const { run } = recorded(argv => argv[0] === 'iptables-restore' ? { status: 1, stderr: 'iptables-restore: line 3 failed: Chain already exists.\n' } : {})
  const error = await t.throwsAsync(new IptablesFirewall({ run }).create([port]), { code: 'firewall-error' })
  t.is(error.message, 'change firewall rules: iptables-restore: line 3 failed: Chain already exists in "-A PREROUTING -m addrtype --dst-type LOCAL -j TSNET"')
})

test('rules that another process changed in between are planned anew', async t => {
  const between = '*nat\n:TSNET - [0:0]\nCOMMIT\n'
  const { calls, run } = recorded((argv, n) => {
    if (n === 2) return { status: 1, stderr: 'iptables-restore: line 2 failed: Chain already exists.\n' }
    return argv[0] === 'iptables-save' && n > 2 ? { stdout: between } : {}
  })
  await new IptablesFirewall({ run }).create([port])
  t.is(calls.length, 4)
  t.false(calls[3]?.stdin.includes('-N TSNET\n'))
})

test('a tool that fails without a word is reported as that', async t => {
  const { run } = recorded(argv => argv[0] === 'iptables-save' ? { status: 4 } : {})
  await t.throwsAsync(new IptablesFirewall({ run }).missing([port]), { message: 'read firewall rules: iptables-save: it failed without a message' })
})

test('what writes is started while the rules are read, is given what there is to write, and ends where there is nothing', async t => {
  const { calls, run } = recorded()
  const log: string[] = []
  const wrote = (line: string): object => ({ written: log.push(line) })
  const start = ([program = '']: readonly string[]): StartedProgram => {
    log.push(`start ${program}`)
    return {
      capacity: 65_536,
      finish: stdin => Promise.resolve({ status: 0, stdout: '', stderr: '', ...wrote(`${program} writes ${stdin.split('\n')[0]}`) }),
      [Symbol.dispose]: () => { log.push(`${program} ends`) },
    }
  }
  const firewall = new IptablesFirewall({ run, start })
  await firewall.create([port])
  t.deepEqual(calls.map(({ argv }) => argv.join(' ')), ['iptables-save -t nat'])
  t.deepEqual(log.splice(0), ['start iptables-restore', 'iptables-restore writes *nat', 'iptables-restore ends'])
  firewall.expectPorts()
  firewall.expectPorts()
  firewall.close()
  t.deepEqual(log, ['start iptables-restore', 'iptables-restore ends'])
})

test('one that waits and has died, or that cannot take so much at once, is replaced by one that is given all from the start', async t => {
  for (const broken of [{ capacity: 10 }, { finish: () => Promise.reject(new Error('EPIPE')) }]) {
    const { calls, run } = recorded()
    const start = (): StartedProgram => ({
      capacity: 65_536, finish: () => Promise.resolve({ status: 0, stdout: '', stderr: '' }), [Symbol.dispose]: () => undefined, ...broken,
    })
    await new IptablesFirewall({ run, start }).create([port])
    t.deepEqual(calls.map(({ argv }) => argv.join(' ')), ['iptables-save -t nat', 'iptables-restore --noflush --wait'])
  }
})
