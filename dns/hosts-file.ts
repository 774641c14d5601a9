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
  return entries.map(entry => `${entry.address}\t${entry.names.join(' ')}\n`).join('')
}
