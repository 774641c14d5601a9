/** Writes docs/reference/cli.md from the commands' own definitions: `npm run docs`. A test compares the two. */
import { writeFileSync } from 'node:fs'
import { type CommandEntry, commandTable } from '../cli/command-table.ts'
import type { Cli } from '../cli/cli.ts'
import { defineCommand, usageWords } from '../cli/define-command.ts'

const HEAD = `# Command line

\`tsnet [--root DIR] [--run-root DIR] [--debug] COMMAND\`. Words, flags and output are those of the \`docker\` command. Options of \`run\` and
\`exec\` come before the image or container; what follows belongs to the command inside. A boolean option may be written \`--rm=true\`.
Groups know \`list\` for \`ls\` and \`remove\` for \`rm\`; the container commands are those of \`tsnet container\`, too, which adds \`prune\`.

| global option | meaning |
|---|---|
| \`--root DIR\` | state that outlives a reboot; also \`TSNET_ROOT\`; \`/var/lib/tsnet\` |
| \`--run-root DIR\` | state that does not; also \`TSNET_RUN_ROOT\`; \`/run/tsnet\` |
| \`--debug\` | traces every call that changes the kernel, and prints the causes of an error |

Exit status: that of the command inside for \`run\` and \`exec\` (128 + n if signal n ended it), 126 where it cannot be executed, 127 where it is
not found; 125 where \`run\` failed before, and 1 for a failure of any other command. Error codes: [errors.md](errors.md).

Generated from \`cli/commands/\` by \`npm run docs\`.
`

/** The page's text. */
export async function cliPage(): Promise<string> {
  const sections: string[] = []
  for (const [name, entry] of Object.entries(commandTable)) {
    // `container` repeats the commands above; entries without a summary are other names of theirs.
    if (name === 'container' || entry.summary === undefined) continue
    if (!('commands' in entry)) sections.push(await section(name, entry))
    const below = 'commands' in entry ? entry.commands : entry.actions ?? {}
    for (const [word, one] of Object.entries(below)) {
      if (one.summary !== undefined) sections.push(await section(`${name} ${word}`, one))
    }
  }
  return HEAD + sections.join('')
}

async function section(name: string, entry: CommandEntry): Promise<string> {
  const command = await defineCommand(name, entry, nobody)
  const rows = command.options.filter(({ hidden }) => !hidden).map(option => `| \`${option.flags.replaceAll('|', '\\|')}\` | ${option.description.replaceAll('|', '\\|')} |`)
  const table = rows.length === 0 ? '' : `\n| option | meaning |\n|---|---|\n${rows.join('\n')}\n`
  return `\n## tsnet ${name}\n\n${command.description()}.\n\n    ${`tsnet ${name} ${usageWords(command)}`.trimEnd()}\n${table}`
}

const refuse = (): never => {
  throw new Error('definitions only')
}
const nobody: Cli = {
  globals: { root: '', runRoot: '', debug: false }, env: {}, cwd: '/', engine: refuse, print: refuse, warn: refuse, tell: refuse, exit: refuse,
}

if (import.meta.main) writeFileSync(new URL('../docs/reference/cli.md', import.meta.url), await cliPage())
