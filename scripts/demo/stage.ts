/**
 * The demonstration's stage: shows each command as a reader would type it, proves each sentence, and keeps the count.
 *
 * A sentence is proved by a function that returns the evidence to show, or throws.
 */
import type { FakeHost } from '../../test/helpers/fake-host.ts'
import { type CommandResult, runCommand } from '../../test/helpers/namespace.ts'
import { CHECKOUT } from '../../test/helpers/tsnet.ts'

const LAUNCHER = `${CHECKOUT}bin/tsnet`
const MAX_EVIDENCE_LINES = 8

const colour = process.stdout.isTTY === true && process.env.NO_COLOR === undefined
const paint = (code: number) => (text: string): string => colour ? `\x1b[${code}m${text}\x1b[0m` : text
const [bold, dim, red, green] = [paint(1), paint(2), paint(31), paint(32)] as const

export class Stage {
  readonly host: FakeHost
  passed = 0
  failed = 0
  /** Ids of the containers that were started in the background. */
  readonly containers: string[] = []
  readonly #signal: AbortSignal

  constructor(host: FakeHost, signal: AbortSignal) {
    this.host = host
    this.#signal = signal
  }

  /** A chapter; what goes wrong in it outside a check counts as one failure and ends the chapter only. */
  async chapter(title: string, play: () => Promise<void>): Promise<void> {
    this.#signal.throwIfAborted()
    console.log(`\n${bold(title)}`)
    try {
      await play()
    } catch (error) {
      this.#signal.throwIfAborted()
      this.failed += 1
      console.log(`  ${red('✗')} ${message(error)}`)
    }
  }

  tell(text: string): void {
    console.log(`  ${text}`)
  }

  /** Runs `tsnet …`, shown; it must succeed. Gives what it printed. */
  async tsnet(...args: readonly string[]): Promise<string> {
    this.show('tsnet', ...args)
    const printed = await this.quietly(...args)
    if (args[0] === 'run' && args[1] === '-d') this.containers.push(printed.trim())
    return printed
  }

  /** The same without showing it: for questions asked to find the evidence. */
  async quietly(...args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.try(...args)
    if (status !== 0) throw new Error(`tsnet ${args.join(' ')}: status ${status}: ${stderr.trim() || stdout.trim()}`)
    return stdout
  }

  /** Runs `tsnet …`, whatever comes of it. */
  try(...args: readonly string[]): Promise<CommandResult> {
    this.#signal.throwIfAborted()
    return runCommand([LAUNCHER, ...args], { env: this.host.roots.env })
  }

  show(...argv: readonly string[]): void {
    console.log(dim(`  $ ${argv.map(quote).join(' ')}`))
  }

  /** Says a sentence and proves it; prints the evidence below it. */
  async check(sentence: string, prove: () => Promise<string>): Promise<void> {
    this.#signal.throwIfAborted()
    try {
      const evidence = await prove()
      this.passed += 1
      console.log(`  ${green('✓')} ${sentence}`)
      printEvidence(evidence)
    } catch (error) {
      this.#signal.throwIfAborted()
      this.failed += 1
      console.log(`  ${red('✗')} ${sentence}`)
      printEvidence(message(error))
    }
  }

  /** A container's address, as a program inside sees it. */
  async address(container: string, family: 4 | 6 = 4): Promise<string> {
    const lines = await this.quietly('exec', container, 'ip', `-${family}`, '-o', 'addr', 'show', 'dev', 'eth0', 'scope', 'global')
    const address = /inet6? ([^/\s]+)/.exec(lines)?.[1]
    if (address === undefined) throw new Error(`no IPv${family} address in ${container}: ${lines}`)
    return address
  }
}

/** Throws unless `text` has `part`; gives `text`, the evidence. */
export function mustContain(text: string, part: string | RegExp): string {
  if (typeof part === 'string' ? text.includes(part) : part.test(text)) return text
  throw new Error(`expected ${String(part)} in: ${text.trim() || '(nothing)'}`)
}

/** Repeats a proof for up to five seconds: a server just started needs a moment until it listens. */
export async function eventually(prove: () => Promise<string>): Promise<string> {
  const end = Date.now() + 5000
  for (;;) {
    try {
      return await prove()
    } catch (error) {
      if (Date.now() > end) throw error
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}

function printEvidence(text: string): void {
  const lines = text.trimEnd().split('\n').filter(line => line.trim() !== '')
  for (const line of lines.slice(0, MAX_EVIDENCE_LINES)) console.log(dim(`      ${line}`))
  if (lines.length > MAX_EVIDENCE_LINES) console.log(dim(`      … ${lines.length - MAX_EVIDENCE_LINES} more lines`))
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function quote(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll('\'', '\'\\\'\'')}'`
}
