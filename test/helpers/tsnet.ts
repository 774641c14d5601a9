/** The command line of the checkout as it is shipped (bin/tsnet on dist/), run as a user would, with a state of its own. */
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CommandOptions, type CommandResult, type Namespace, runCommand } from './namespace.ts'

export const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url))
export const TSNET = join(CHECKOUT, 'bin/tsnet')

/** Where one installation of tsnet keeps its state; both folders lie in the test's own tmpfs. */
export interface Roots extends Disposable { readonly root: string, readonly runRoot: string, readonly env: Readonly<Record<string, string>> }

/** New, empty roots; disposing of them removes the files. */
export function createRoots(): Roots {
  const root = mkdtempSync('/var/lib/tsnet-')
  const runRoot = mkdtempSync('/run/tsnet-')
  return {
    root, runRoot, env: { TSNET_ROOT: root, TSNET_RUN_ROOT: runRoot },
    [Symbol.dispose]: () => [root, runRoot].forEach(folder => rmSync(folder, { recursive: true, force: true })),
  }
}

/** Runs the command line to its end. */
export function runTsnet(roots: Roots, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return runCommand([TSNET, ...args], { ...options, env: { ...roots.env, ...options.env } })
}

/** Starts the command line and hands back the process, with pipes for its three streams. */
export function startTsnet(on: Namespace, roots: Roots, args: readonly string[]): ChildProcess {
  return on.spawn([TSNET, ...args], { stdio: 'pipe', env: { ...process.env, ...roots.env } })
}
