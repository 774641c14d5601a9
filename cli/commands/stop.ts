/** `tsnet stop [-t SECONDS] CONTAINER...` */
import type { Command } from 'commander'
import { type Cli, forEachRef } from '../cli.ts'
import { parseCount } from '../parse/quantities.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Stop containers: their stop signal, then SIGKILL')
    .argument('<containers...>')
    .option('-t, --time <seconds>', 'seconds until SIGKILL (-1: never)')
    .action(async (refs: readonly string[], { time }: { readonly time?: string }) => {
      const options = time === undefined ? {} : { timeoutSeconds: parseCount('--time', time, -1) }
      const { containers } = await cli.engine()
      await forEachRef(cli, refs, async ref => {
        await containers.stop(ref, options)
        return ref
      })
    })
}
