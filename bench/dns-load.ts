/** Load on a nameserver by dnsperf, from inside a container's network: how many questions a second it answers, and how long the slow ones wait. */
import { execute } from './sample.ts'

export interface DnsServer { readonly netns: string, readonly address: string, readonly questions: string }

/** Questions under way at once, from so many sockets. */
const OUTSTANDING = 100
const CLIENTS = 10
const SECONDS = 1

export function dnsperfInput(names: readonly string[]): string {
  return names.map(name => `${name} A\n`).join('')
}

/** Questions per second. @throws where some have no answer */
export function questionsPerSecond(server: DnsServer): number {
  const text = dnsperf(server, [])
  const perSecond = Number(/Queries per second: +([\d.]+)/.exec(text)?.[1])
  const wrong = Number(/Queries lost: +(\d+)/.exec(text)?.[1]) + (/Response codes: +NOERROR \d+ \(100\.00%\)/.test(text) ? 0 : 1)
  if (wrong > 0 || !(perSecond > 0)) throw new Error(`dnsperf: not all questions were answered:\n${text}`)
  return perSecond
}

/** Of a hundred answers the slowest but one, in microseconds. */
export function p99(server: DnsServer): number {
  const times = Array.from(dnsperf(server, ['-v']).matchAll(/^> NOERROR \S+ A ([\d.]+)$/gm), ([, seconds]) => Number(seconds)).toSorted((a, b) => a - b)
  return (times[Math.floor(times.length * 0.99)] ?? NaN) * 1e6
}

function dnsperf({ netns, address, questions }: DnsServer, options: readonly string[]): string {
  return execute(['nsenter', `--net=${netns}`, 'dnsperf', '-s', address, '-d', questions, '-l', String(SECONDS),
    '-c', String(CLIENTS), '-q', String(OUTSTANDING), ...options])
}
