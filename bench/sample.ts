/** Timing of two rivals side by side: alternated in one run, so that a busy moment of the machine falls on both. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'

export interface Rival {
  /** What has to be there before each run, untimed. */
  readonly before?: () => void | Promise<void>
  /** One timed run. */
  readonly run: () => void | Promise<void>
  /** What has to be done after each run, untimed. */
  readonly after?: () => void | Promise<void>
}

export interface Pair { readonly ours: number, readonly theirs: number }

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The kernel goes on removing a namespace, under the lock that all links wait for, when the command for it has ended: it is not to be the next one's time. */
const SETTLE_MS = 50

/** Until a command starts as it does from then on: tsnet keeps what was compiled in its first six runs. */
export const LEARNING_RUNS = 7

/** Medians in milliseconds of `count` alternated runs, after `warmUp` of each that are not counted. */
export async function alternate(ours: Rival, theirs: Rival, count: number, warmUp = 1): Promise<Pair> {
  for (let n = 0; n < warmUp; n += 1) {
    await timed(ours)
    await timed(theirs)
  }
  const times: { readonly ours: number[], readonly theirs: number[] } = { ours: [], theirs: [] }
  for (let n = 0; n < count; n += 1) {
    times.ours.push(await timed(ours))
    await wait(SETTLE_MS)
    times.theirs.push(await timed(theirs))
    await wait(SETTLE_MS)
  }
  return { ours: median(times.ours), theirs: median(times.theirs) }
}

export async function timed(rival: Rival): Promise<number> {
  await rival.before?.()
  const start = process.hrtime.bigint()
  await rival.run()
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6
  await rival.after?.()
  return elapsed
}

/** Runs a program to its end and waits for it; @throws when it fails. */
export function execute(argv: readonly string[], options: { readonly env?: NodeJS.ProcessEnv, readonly input?: string } = {}): string {
  const [file = '', ...args] = argv
  const result = spawnSync(file, args, { encoding: 'utf8', env: options.env ?? process.env, input: options.input ?? '', maxBuffer: 64 << 20 })
  if (result.status !== 0) {
    throw new Error(`${argv.slice(0, 8).join(' ')}: status ${result.status ?? result.signal}: ${result.stderr?.trim() ?? String(result.error)}`)
  }
  return result.stdout
}

/** The same while others run. @throws when it fails */
export async function executeBeside(argv: readonly string[], { env, input = '' }: { readonly env?: NodeJS.ProcessEnv, readonly input?: string } = {}): Promise<string> {
  const [file = '', ...args] = argv
  const child = spawn(file, args, { env: env ?? process.env, stdio: ['pipe', 'pipe', 'pipe'] })
  // A program may end without having read it all.
  child.stdin.on('error', () => undefined).end(input)
  const [stdout, stderr, [status, signal]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  if (status !== 0) throw new Error(`${argv.slice(0, 8).join(' ')}: status ${status ?? signal}: ${stderr.trim()} ${stdout.trim()}`)
  return stdout
}
