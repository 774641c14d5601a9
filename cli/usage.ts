/** What `tsnet --help` and `tsnet GROUP --help` print. */
interface Entry { readonly summary?: string }

export function usage(entries: Readonly<Record<string, Entry>>, group?: string): string {
  const shown = Object.entries(entries).filter(([, { summary }]) => summary !== undefined)
  const width = Math.max(...shown.map(([name]) => name.length))
  const of = group === undefined ? 'tsnet [OPTIONS]' : `tsnet ${group}`
  return [
    `Usage: ${of} COMMAND`, '',
    ...group === undefined ? ['Container networks, and the containers on them. Docker\'s words, no daemon.', ''] : [],
    'Commands:',
    ...shown.map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
    ...group === undefined ? [
      '', 'Options:',
      '  --root DIR      State that outlives a reboot (TSNET_ROOT, /var/lib/tsnet)',
      '  --run-root DIR  State that does not (TSNET_RUN_ROOT, /run/tsnet)',
      '  --debug         Trace what changes the kernel; print the causes of an error',
    ] : [],
    '', `\`${of.replace(' [OPTIONS]', '')} COMMAND --help\` tells more about a command.`,
  ].join('\n')
}
