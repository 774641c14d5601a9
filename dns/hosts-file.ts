/**
 * /etc/hosts of a container as text, in Docker's order: localhost, the IPv6 names where the container has IPv6, `--add-host`,
 * then its own addresses under its own name. Pure. Source: moby daemon/libnetwork/etchosts.
 */

export interface HostEntry { readonly address: string, readonly names: readonly string[] }

export interface HostsFile {
  readonly ipv6: boolean
  readonly extra: readonly HostEntry[]
  readonly own: readonly HostEntry[]
}

const localhost: HostEntry = { address: '127.0.0.1', names: ['localhost'] }
const localhost6: readonly HostEntry[] = [
  { address: '::1', names: ['localhost', 'ip6-localhost', 'ip6-loopback'] },
  { address: 'fe00::', names: ['ip6-localnet'] },
  { address: 'ff00::', names: ['ip6-mcastprefix'] },
  { address: 'ff02::1', names: ['ip6-allnodes'] },
  { address: 'ff02::2', names: ['ip6-allrouters'] },
]

export function formatHostsFile(file: HostsFile): string {
  return formatHostEntries([localhost, ...file.ipv6 ? localhost6 : [], ...file.extra, ...file.own])
}

export function formatHostEntries(entries: readonly HostEntry[]): string {
  return entries.map(entry => `${lineOf(entry)}\n`).join('')
}

function lineOf({ address, names }: HostEntry): string {
  return `${address}\t${names.join(' ')}`
}

/** The text with the entries at its end, but for those that it has. What its user wrote stays as it is. */
export function addHostEntries(text: string, entries: readonly HostEntry[]): string {
  const present = new Set(text.split('\n'))
  const missing = entries.filter(entry => !present.has(lineOf(entry)))
  return `${text}${text === '' || text.endsWith('\n') || missing.length === 0 ? '' : '\n'}${formatHostEntries(missing)}`
}

/** The text without the lines that are these entries, to the letter. */
export function removeHostEntries(text: string, entries: readonly HostEntry[]): string {
  const gone = new Set(entries.map(lineOf))
  return text.split('\n').filter(line => !gone.has(line)).join('\n')
}
