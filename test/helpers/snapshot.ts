/**
 * What a host holds, as sorted lines of text, and the comparison of two such pictures: the residue law's eyes.
 *
 * Read with foreign tools (`ip`, `nft`, `iptables-save`, /proc), never with tsnet's own code. Left out is what changes by itself:
 * counters, handles, indexes, lifetimes, and what iptables leaves behind when it only looks (empty builtin chains).
 */
import { type Dirent, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { cgroupLines } from './cgroup-lines.ts'
import { iptablesLines, nftLines } from './firewall-lines.ts'
import { runCommand } from './namespace.ts'

/** Section (`links`, `routes`, `nft`, …) to sorted lines. */
export type Snapshot = Readonly<Record<string, readonly string[]>>

const MAX_SHOWN = 60

type Row = Readonly<Record<string, unknown>>

/** Takes the picture. `roots`: folders whose files belong to it. */
export async function takeSnapshot(roots: readonly string[] = []): Promise<Snapshot> {
  // First, without any process of our own: descriptors and children would show the tools below.
  const own = { fds: openDescriptors(), processes: await processesWithoutHelpers() }
  const [links, addresses, routes4, routes6, rules4, rules6, iptables, ip6tables, nft] = await Promise.all([
    rows('ip', '-j', '-d', 'link'), rows('ip', '-j', 'addr'),
    rows('ip', '-j', '-4', 'route', 'show', 'table', 'all'), rows('ip', '-j', '-6', 'route', 'show', 'table', 'all'),
    rows('ip', '-j', '-4', 'rule'), rows('ip', '-j', '-6', 'rule'),
    output('iptables-save'), output('ip6tables-save'), output('nft', '-j', 'list', 'ruleset'),
  ])
  return {
    links: links.map(linkLine).toSorted(),
    addresses: addresses.flatMap(addressLines).toSorted(),
    routes: [...routes4, ...routes6].filter(isMade).map(route => without(route, ['flags', 'ifindex'])).toSorted(),
    rules: [...rules4, ...rules6].map(rule => without(rule, [])).toSorted(),
    iptables: iptablesLines(iptables).toSorted(),
    ip6tables: iptablesLines(ip6tables).toSorted(),
    nft: nftLines(nft).toSorted(),
    mounts: mountLines().toSorted(),
    sysctls: ['net/ipv4', 'net/ipv6', 'net/bridge'].flatMap(sysctlLines).toSorted(),
    cgroups: cgroupLines().toSorted(),
    files: roots.flatMap(filesUnder).toSorted(),
    ...own,
  }
}

/** Lines that only one of two pictures has, `-` for lost and `+` for new ones, as `- section: line`. */
export function snapshotDifference(before: Snapshot, after: Snapshot): readonly string[] {
  const sections = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const names = (snapshot: Snapshot): readonly string[] => (snapshot.links ?? []).map(line => line.split(' ')[0] ?? '')
  const oneSided = new Set([...surplus(names(before), names(after)), ...surplus(names(after), names(before))])
  // The 200 sysctls of a link come and go with it; the link itself is line enough.
  const tells = (section: string) => (line: string): boolean => section !== 'sysctls' || !oneSided.has(line.split('/')[3] ?? '')
  return sections.flatMap(section => {
    const old = before[section] ?? []
    const now = after[section] ?? []
    return [
      ...surplus(old, now).filter(tells(section)).map(line => `- ${section}: ${line}`),
      ...surplus(now, old).filter(tells(section)).map(line => `+ ${section}: ${line}`),
    ]
  })
}

/** Throws with a readable list when `after` differs from `before`; `except`: patterns of lines (`+ links: docker0 …`) that may differ. */
export function assertNoResidue(before: Snapshot, after: Snapshot, options: { readonly except?: readonly RegExp[] } = {}): void {
  const except = options.except ?? []
  const left = snapshotDifference(before, after).filter(line => !except.some(pattern => pattern.test(line)))
  if (left.length === 0) return
  const more = left.length > MAX_SHOWN ? [`… ${left.length - MAX_SHOWN} more lines`] : []
  throw new Error(['the host is not as it was before:', ...left.slice(0, MAX_SHOWN), ...more].join('\n  '))
}

/** The members of a multiset that another does not have. */
function surplus(lines: readonly string[], other: readonly string[]): readonly string[] {
  const count = new Map<string, number>()
  for (const line of other) count.set(line, (count.get(line) ?? 0) + 1)
  return lines.filter(line => {
    const left = count.get(line) ?? 0
    count.set(line, left - 1)
    return left <= 0
  })
}

async function output(...argv: readonly string[]): Promise<string> {
  const { status, stdout } = await runCommand(argv)
  return status === 0 ? stdout : ''
}

async function rows(...argv: readonly string[]): Promise<readonly Row[]> {
  const text = await output(...argv)
  return text.trim() === '' ? [] : JSON.parse(text) as readonly Row[]
}

function without(row: Row, fields: readonly string[]): string {
  return Object.entries(row).filter(([key, value]) => value !== undefined && !fields.includes(key)).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(' ')
}

/**
 * Left out are the kernel's own: anycast while it forwards IPv6 (which is among the sysctls), multicast and those of link-local
 * addresses some time after a link is up. The addresses themselves are in the picture.
 */
function isMade(route: Row): boolean {
  return route.type !== 'anycast' && route.type !== 'multicast' && !String(route.dst).startsWith('fe80:')
}

function linkLine(link: Row): string {
  const info = (link.linkinfo ?? {}) as Row
  const flags = (link.flags ?? []) as readonly string[]
  const fields = {
    kind: info.info_kind, master: link.master, mtu: link.mtu, address: link.address, alias: link.ifalias, up: flags.includes('UP'),
    hairpin: (info.info_slave_data as Row | undefined)?.hairpin,
  }
  return `${String(link.ifname)} ${without(fields, [])}`
}

function addressLines(link: Row): readonly string[] {
  const infos = (link.addr_info ?? []) as readonly Row[]
  return infos.map(info => `${String(link.ifname)} ${String(info.local)}/${String(info.prefixlen)} scope=${String(info.scope)}`)
}

function mountLines(): readonly string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n')
  return lines.map(line => {
    const [left = '', right = ''] = line.split(' - ')
    const [, , , root, target, flags] = left.split(' ')
    const [type] = right.split(' ')
    return `${target} ${type} ${flags} root=${root?.replace(/:\[\d+\]/, '')}`
  })
}

/** Files that only take writes, or whose value is a moving number, are left out. */
function sysctlLines(folder: string): readonly string[] {
  return filesUnder(join('/proc/sys', folder)).flatMap(file => {
    try {
      return [`${file.slice('/proc/sys/'.length)}=${readFileSync(file, 'utf8').trim().replaceAll(/\s+/g, ' ')}`]
    } catch {
      return []
    }
  })
}

function filesUnder(folder: string): readonly string[] {
  return entries(folder).flatMap(entry => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? [...folder.startsWith('/proc/') ? [] : [`${path}/`], ...filesUnder(path)] : [path]
  })
}

function entries(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

/** What each descriptor of this process points to; the numbers of sockets and pipes are dropped. */
function openDescriptors(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap(fd => {
    const target = link(`/proc/self/fd/${fd}`)
    return target === undefined || target === `/proc/${process.pid}/fd` ? [] : [target.replace(/^(\w+):\[\d+\]$/, '$1')]
  }).toSorted()
}

/** Every process, other than this one, that shares this host's network or mount namespace: children, and shims that left them. */
function processesOfThisHost(): readonly string[] {
  const network = link('/proc/self/ns/net')
  const mounts = link('/proc/self/ns/mnt')
  return readdirSync('/proc').filter(name => /^\d+$/.test(name) && Number(name) !== process.pid).flatMap(pid => {
    if (link(`/proc/${pid}/ns/net`) !== network && link(`/proc/${pid}/ns/mnt`) !== mounts) return []
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || `(ended) ${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()}`]
    } catch {
      return []
    }
  }).toSorted()
}

/**
 * The processes once `kernel/deferred-send.ts` has none left: its helpers outlive the operation for the 50 ms at most that the kernel
 * takes to clean up behind a deleted link, and then for as long as init takes to reap them. One that stays for longer is residue.
 */
async function processesWithoutHelpers(): Promise<readonly string[]> {
  for (let triesLeft = 100; ; triesLeft -= 1) {
    const processes = processesOfThisHost()
    if (triesLeft === 0 || !processes.some(line => line === 'tsnet-helper' || line.startsWith('(ended) '))) return processes
    await setTimeout(10)
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
