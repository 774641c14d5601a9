/** `tsnet-cni PATH [ROOT RUN_ROOT]`: the CNI executable, called by the name that PATH ends with. Composes the core, answers one call, ends. */
import { readFileSync, writeSync } from 'node:fs'
import { isErrno } from '../kernel/error.ts'
import { answer } from './call.ts'
import type { OpenedCni } from './open.ts'

async function main([program = 'tsnet-cni', root, runRoot]: readonly string[]): Promise<void> {
  process.umask(0o022)
  const env = process.env
  let opened: OpenedCni | undefined
  let isTold = true
  const print = (to: 1 | 2, text: string): void => { isTold = writeAtOnce(to, text) && isTold }
  const warn = (line: string): void => { print(2, `tsnet-cni: ${line}\n`) }
  const { stdout, stderr, status } = await answer({
    program, environment: env, warn,
    stdin: () => readFileSync(0, 'utf8'),
    async core() {
      const { openCni } = await import('./open.ts')
      return opened = openCni({ root: root ?? (env['TSNET_ROOT'] || '/var/lib/tsnet'), runRoot: runRoot ?? (env['TSNET_RUN_ROOT'] || '/run/tsnet') }, { isOneCall: true })
    },
  })
  await opened?.close().catch((error: unknown) => { warn(`warning: close: ${error instanceof Error ? error.message : String(error)}`) })
  print(2, stderr)
  process.exitCode = status
  try {
    print(1, stdout)
  } catch (error) {
    warn(`write the answer: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
  // All is done and told: taking Node down step by step would take 3 ms more.
  if (isTold) process.exit()
}

/**
 * Without Node's own stream, which takes 2 ms to be made. False where that has the rest: a reader does not keep up with a pipe that must
 * not block.
 */
function writeAtOnce(to: 1 | 2, text: string): boolean {
  let rest = Buffer.from(text)
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(to, rest))
    return true
  } catch (error) {
    // Where nobody reads what is said beside it, the answer counts all the same.
    if (!isErrno(error, 'EAGAIN')) {
      if (to === 2) return true
      throw error
    }
    process[to === 1 ? 'stdout' : 'stderr'].write(rest)
    return false
  }
}

// Not awaited: the bundle is CommonJS. `main` throws nothing.
void main(process.argv.slice(2))
