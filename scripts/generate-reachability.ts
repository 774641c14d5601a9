/** Writes docs/reference/reachability.md from the table that test/integration/reachability tries with real packets. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Cell, type Origin, type Variant, origins, targets, variants } from '../test/integration/reachability/expected.ts'

const words: Readonly<Record<Cell, string>> = { yes: 'yes', no: '–' }

/** The page's text. */
export function reachabilityPage(): string {
  return `# Who reaches what

Made by \`npm run docs\` from the table that a test tries cell by cell with real packets: with both firewall backends, in IPv4 and IPv6, by TCP and UDP
(\`test/integration/reachability\`). A container on a network serves two ports, of which the first is published with \`-p\`.

| column | is |
|---|---|
${Object.entries(targets).map(([name, text]) => `| ${name} | ${text} |`).join('\n')}

| row | is |
|---|---|
${Object.entries(origins).map(([name, text]) => `| ${name} | ${text} |`).join('\n')}

\`[::1]\` is reached where \`net.bridge.bridge-nf-call-ip6tables\` is 0; see [ports](../guide/ports.md#ipv6).
${variants.map(section).join('')}`
}

function section({ title, internal, options, reaches }: Variant): string {
  const flags = [...internal === true ? ['--internal'] : [], ...Object.entries(options).map(([name, value]) => `-o ${name}=${value}`)]
  const rows = (Object.keys(origins) as readonly Origin[]).map(origin => {
    const cells: readonly Cell[] = reaches[origin]
    return `| ${origin} | ${cells.map(cell => words[cell]).join(' | ')} |${'  |'.repeat(Object.keys(targets).length - cells.length)}`
  })
  return `
## ${title}

${flags.length === 0 ? 'Without options.' : flags.map(flag => `\`${flag}\``).join(' ')}

| from | ${Object.keys(targets).join(' | ')} |
|---|---|---|---|
${rows.join('\n')}
`
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, '../docs/reference/reachability.md'), reachabilityPage())
