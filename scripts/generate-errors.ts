/** Writes docs/reference/errors.md from errors/codes.ts: `npm run docs`. A test compares the two. */
import { writeFileSync } from 'node:fs'
import { type CodeEntry, codes, type ErrorKind } from '../errors/codes.ts'

const KINDS: Readonly<Record<ErrorKind, string>> = {
  'invalid': 'What was asked for makes no sense as it stands',
  'not-found': 'Something named does not exist',
  'conflict': 'Something is in the way',
  'in-use': 'Something is still needed by another',
  'exhausted': 'A pool is empty',
  'forbidden': 'It is not allowed',
  'unsupported': 'It cannot be done on this machine',
  'unavailable': 'It may work later',
  'kernel': 'The kernel, or a tool that speaks to it, refused',
  'internal': 'tsnet itself failed',
}

const HEAD = `# Error codes

Every failure is one line on standard error and an exit status; with \`--debug\`, its causes follow. The codes are stable: scripts may rely
on them. \`tsnet run\` exits with the container's own status, with 125 where tsnet failed, 126 where the command cannot be executed, and
127 where it is not found; every other command exits with 1 when it fails.

Generated from \`errors/codes.ts\` by \`npm run docs\`.
`

/** The page's text. */
export function errorsPage(): string {
  const entries: readonly (readonly [string, CodeEntry])[] = Object.entries(codes)
  const sections = Object.entries(KINDS).map(([kind, title]) => {
    const rows = entries.filter(([, entry]) => entry.kind === kind).map(([code, entry]) => {
      const exit = entry.exit === undefined ? '' : ` (exit status ${entry.exit})`
      return `| \`${code}\` | ${entry.meaning.replaceAll('|', '\\|')}${exit} |`
    })
    return rows.length === 0 ? '' : `\n## ${title} (\`${kind}\`)\n\n| code | meaning |\n|---|---|\n${rows.join('\n')}\n`
  })
  return HEAD + sections.join('')
}

if (import.meta.main) writeFileSync(new URL('../docs/reference/errors.md', import.meta.url), errorsPage())
