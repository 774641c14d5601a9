/** `tsnet cni install [--standalone] [--replace] [--socket PATH] DIR [PLUGIN...]` */
import { basename, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { pluginNames } from '../../cni/plugin-names.ts'
import { TsnetError } from '../../errors/error.ts'
import type { Cli } from '../cli.ts'

interface InstallFlags { readonly standalone?: true, readonly replace?: true, readonly socket?: string, readonly all?: true }

export function define(command: Command, cli: Cli): void {
  command.description('Install the CNI plugins into a folder such as /opt/cni/bin: tsnet, or those that are named')
    .argument('<dir>', 'the folder')
    .argument('[plugin...]', `of ${pluginNames.join(', ')}`)
    .option('-a, --all', 'all of them')
    .option('--standalone', 'links to the standalone executable only, without the thin client')
    .option('--socket <path>', 'where `tsnet serve` listens for the thin client; RUN_ROOT/cni.sock')
    .option('--replace', 'replace files of other programs, and keep them as NAME.before-tsnet')
    .action(async (folder: string, plugins: readonly string[], flags: InstallFlags) => {
      const { installCni } = await import('../../cni/install.ts')
      const socket = resolve(cli.cwd, flags.socket ?? join(cli.globals.runRoot, 'cni.sock'))
      if (folder === '') throw new TsnetError('invalid-argument', 'install CNI plugins: the name of the folder is empty')
      const { written, folders, kept } = installCni({
        folder: resolve(cli.cwd, folder), standalone: join(import.meta.dirname, standalonePath()), replace: flags.replace === true,
        ...flags.standalone === true ? {} : { socket, roots: { root: resolve(cli.cwd, cli.globals.root), runRoot: resolve(cli.cwd, cli.globals.runRoot) } },
        ...flags.all === true ? { plugins: pluginNames } : plugins.length > 0 ? { plugins } : {},
      })
      for (const name of written) cli.print(join(resolve(cli.cwd, folder), name))
      if (folders.length > 0) cli.warn(`made the folder ${folders.at(-1)}; is it where your orchestrator looks?`)
      for (const { path, as } of kept) cli.warn(`${path} was another program's, and is kept as ${basename(as)}`)
      cli.warn(nextStep(written))
    })
}

/** On standard error: what is printed are the paths alone, for scripts. */
function nextStep(written: readonly string[]): string {
  const use = written.includes('tsnet') ? 'next: a network in /etc/cni/net.d with "type": "tsnet", as docs/guide/cni.md has one' : 'next: nothing, networks of these types use them from now on'
  return written.includes('tsnet-cni-client') ? `${use}; while \`tsnet serve\` runs, calls take a tenth of the time` : use
}

/** From this file: in dist/ all is one file, in a checkout it is two folders deeper. */
function standalonePath(): string {
  return import.meta.dirname.endsWith('/dist') ? '../bin/tsnet-cni' : '../../bin/tsnet-cni'
}
