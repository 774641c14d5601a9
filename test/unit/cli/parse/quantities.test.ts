/** Sizes, CPUs, counts and times. */
import test from 'ava'
import { parseCount, parseCpus, parseMemory, parseTime } from '../../../../cli/parse/quantities.ts'

for (const [text, bytes] of [
  ['1', 1], ['7b', 7], ['4k', 4096], ['512m', 536_870_912], ['512M', 536_870_912], ['1g', 1_073_741_824], ['1.5g', 1_610_612_736],
  ['2gb', 2_147_483_648], ['2GiB', 2_147_483_648], ['1t', 1_099_511_627_776],
] as const) {
  test(`--memory ${text}`, t => {
    t.is(parseMemory(text), bytes)
  })
}

for (const text of ['', '-1', '1x', 'm', '1,5g', '1e9', 'NaN', '99999999t', '1..5g']) {
  test(`--memory "${text}" is refused`, t => {
    t.throws(() => parseMemory(text), { code: 'invalid-argument', message: `--memory "${text}": it is no size; examples: 512m, 2g` })
  })
}

for (const [text, quota] of [['1', 100_000], ['0.5', 50_000], ['.5', 50_000], ['1.5', 150_000], ['16', 1_600_000]] as const) {
  test(`--cpus ${text}`, t => {
    t.is(parseCpus(text), quota)
  })
}

for (const text of ['', '-1', 'two', '1.', '1,5', '0x1', 'Infinity', '1e1']) {
  test(`--cpus "${text}" is refused`, t => {
    t.throws(() => parseCpus(text), { code: 'invalid-argument', message: /^--cpus ".*": it is no number of CPUs; examples: / })
  })
}

test('a count is a whole number from its minimum upward', t => {
  t.is(parseCount('--tail', '0'), 0)
  t.is(parseCount('--stop-timeout', '-1', -1), -1)
  for (const text of ['', '-1', '1.5', 'ten', '1e3', '99999999999999999999']) {
    t.throws(() => parseCount('--tail', text), { code: 'invalid-argument', message: `--tail "${text}": it is no whole number from 0 upward; examples: 10` })
  }
})

const now = Date.UTC(2026, 0, 31, 12)
for (const [text, ms] of [
  ['2026-01-31T11:59:00Z', now - 60_000],
  ['2026-01-31T12:59:00+01:00', now - 60_000],
  ['2026-01-31T11:59:00.123456789Z', now - 60_000 + 123],
  ['2026-01-31', Date.UTC(2026, 0, 31)],
  ['1767225600', 1_767_225_600_000],
  ['1767225600.5', 1_767_225_600_500],
  ['10m', now - 600_000],
  ['90s', now - 90_000],
  ['1h30m', now - 5_400_000],
  ['1.5s', now - 1500],
] as const) {
  test(`--since ${text}`, t => {
    t.is(parseTime('--since', text, now), ms)
  })
}

for (const text of ['', 'yesterday', '5 minutes', '2026-13-01', '2026-01-31T25:00:00Z', '10d']) {
  test(`--since "${text}" is refused`, t => {
    t.throws(() => parseTime('--since', text, now), { code: 'invalid-argument', message: /it is no point in time; examples: / })
  })
}
