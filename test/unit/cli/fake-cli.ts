/** A command line without a host: what was printed, warned and returned is kept, and the engine is the test's. */
import { type Cli, describeError } from '../../../cli/cli.ts'
import type { Engine } from '../../../engine/open.ts'

export class FakeCli implements Cli {
  readonly globals = { root: '/var/lib/tsnet', runRoot: '/run/tsnet', debug: false }
  readonly env: NodeJS.ProcessEnv
  readonly cwd = '/home/me'
  readonly printed: string[] = []
  readonly warned: string[] = []
  status = 0
  readonly #engine: Partial<Engine>

  constructor(engine: Partial<Engine> = {}, env: NodeJS.ProcessEnv = {}) {
    this.#engine = engine
    this.env = env
  }

  engine(): Promise<Engine> {
    return Promise.resolve(this.#engine as Engine)
  }

  print(line: string): void {
    this.printed.push(line)
  }

  warn(line: string): void {
    this.warned.push(line)
  }

  tell(error: unknown): Promise<void> {
    this.warn(describeError(error))
    return Promise.resolve()
  }

  exit(status: number): void {
    this.status = status
  }
}
