/** `tsnet-cni PATH`: the CNI executable, called by the name that PATH ends with. Composes the core, answers one call, ends. */
import { readFileSync } from 'node:fs'
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
  process.stderr.write(stderr)
  process.stdout.write(stdout)
  process.exitCode = status
}

// Not awaited: the bundle is CommonJS. `main` throws nothing.
void main(process.argv[2] ?? 'tsnet-cni')
