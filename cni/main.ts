/** `tsnet-cni PATH`: the CNI executable, called by the name that PATH ends with. Composes the core, answers one call, ends. */
import { readFileSync, writeSync } from 'node:fs'
import { isErrno } from '../kernel/error.ts'
import { answer } from './call.ts'
import type { OpenedCni } from './open.ts'

async function main(program: string): Promise<void> {
  const env = process.env
  let opened: OpenedCni | undefined
  const warn = (line: string): void => void process.stderr.write(`tsnet-cni: ${line}\n`)
  const { stdout, stderr, status } = await answer({
    program, environment: env, warn,
    stdin: () => readFileSync(0, 'utf8'),
    async core() {
      const { openCni } = await import('./open.ts')
      return opened = openCni({ root: env['TSNET_ROOT'] || '/var/lib/tsnet', runRoot: env['TSNET_RUN_ROOT'] || '/run/tsnet' })
    },
  })
  await opened?.close().catch((error: unknown) => { warn(`warning: close: ${error instanceof Error ? error.message : String(error)}`) })
  if (stderr !== '') process.stderr.write(stderr)
  print(stdout)
  process.exitCode = status
}

/** At once: Node's own stream takes 2 ms to be made. It is needed only where a reader does not keep up with a pipe that must not block. */
function print(text: string): void {
  let rest = Buffer.from(text)
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(1, rest))
  } catch (error) {
    if (!isErrno(error, 'EAGAIN')) throw error
    process.stdout.write(rest)
  }
}

// Not awaited: the bundle is CommonJS. `main` throws nothing.
void main(process.argv[2] ?? 'tsnet-cni')
