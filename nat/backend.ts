/**
 * Which backend a host uses: what can be used, what `auto` takes, and changing it while containers run.
 *
 * One backend at a time per host. `auto` takes iptables where its tools are, since that is where users and Docker look for rules.
 */
import { readFileSync } from 'node:fs'
import { TsnetError } from '../errors/error.ts'
import { findExecutable, run, startWaiting } from '../kernel/exec.ts'
import { NETLINK_NETFILTER } from '../kernel/netlink/native-socket.ts'
import { NetlinkSocket } from '../kernel/netlink/socket.ts'
import type { KernelObserver } from '../objects/family.ts'
import type { FirewallObject } from '../objects/firewall.ts'
import { type BackendName, type Firewall, backendNames } from './firewall.ts'
import { IptablesFirewall } from './iptables/firewall.ts'
import { NftablesFirewall } from './nftables/firewall.ts'
import { NativeForeignAccepts } from './nftables/foreign-accepts.ts'
import { getGeneration } from './nftables/message.ts'
import type { OwnChanges } from './own-changes.ts'

export interface BackendAvailability {
  readonly name: BackendName
  /** Why it cannot be used; absent where it can. */
  readonly reason?: string
}

/** What this host can use, in the order of preference. */
export async function listBackends(): Promise<readonly BackendAvailability[]> {
  const reasons = { iptables: iptablesReason(), nftables: await nftablesReason() }
  return backendNames.map(name => ({ name, ...reasons[name] === undefined ? {} : { reason: reasons[name] } }))
}

/** What `auto` means here. @throws firewall-unsupported with the reason for each */
export async function detectBackend(): Promise<BackendName> {
  const backends = await listBackends()
  const usable = backends.find(({ reason }) => reason === undefined)
  if (usable !== undefined) return usable.name
  const reasons = backends.map(({ name, reason }) => `${name}: ${reason}`).join('; ')
  throw new TsnetError('firewall-unsupported', `choose a firewall backend: none can be used here (${reasons})`, { data: { backends } })
}

/** @throws firewall-unsupported with the reason, invalid-argument for a name that is none */
export async function requireBackend(name: string): Promise<BackendName> {
  const backend = (await listBackends()).find(candidate => candidate.name === name)
  if (backend === undefined) {
    throw new TsnetError('invalid-argument', `choose firewall backend "${name}": there are ${backendNames.join(' and ')}`)
  }
  if (backend.reason === undefined) return backend.name
  throw new TsnetError('firewall-unsupported', `use the firewall backend ${name}: ${backend.reason}`, { data: { backend } })
}

/** @param ownChanges what this process changes natively beside: without it, such a change has the iptables backend read its rules again */
export function openFirewall(name: BackendName, observe: KernelObserver = () => undefined, ownChanges?: OwnChanges): Firewall {
  if (name === 'nftables') return new NftablesFirewall({ observe, run })
  const native = new NativeForeignAccepts(observe, ownChanges)
  return new IptablesFirewall({ run, start: startWaiting, observe, foreign: native, generation: () => native.generation() })
}

/**
 * Moves all rules from one backend to the other, new ones first, so that at no time a connection meets neither: those that are there go on,
 * new ones are redirected by whichever comes first. A failure before the old ones are touched leaves everything as it was.
 * Rules of the user in TSNET-USER or the chain `user` stay where they are.
 */
export async function switchBackend(from: Firewall, to: Firewall, allObjects: readonly FirewallObject[]): Promise<void> {
  if (from.name === to.name) return
  // Whoever cannot read the old rules, as their program is gone, cannot remove them either: the new ones would stand beside them.
  await from.missing(allObjects)
  await to.create(allObjects)
  await from.remove(allObjects)
}

function iptablesReason(): string | undefined {
  const lacking = ['iptables-save', 'iptables-restore', 'ip6tables-save', 'ip6tables-restore'].filter(name => findExecutable(name) === undefined)
  return lacking.length === 0 ? undefined : `${lacking.join(', ')} not found`
}

async function nftablesReason(): Promise<string | undefined> {
  try {
    using socket = NetlinkSocket.open(NETLINK_NETFILTER)
    socket.request(getGeneration())
  } catch (cause) {
    return `the kernel does not offer nf_tables (${cause instanceof Error ? cause.message : String(cause)})`
  }
  const tables = await legacyTables()
  if (tables.length === 0) return undefined
  return `rules of iptables-legacy are in use (${tables.join(', ')}), and what they drop, no rule of nf_tables can accept`
}

/** Tables of iptables-legacy that have rules or a policy other than ACCEPT. */
async function legacyTables(): Promise<readonly string[]> {
  const found: string[] = []
  for (const program of ['iptables', 'ip6tables']) {
    const names = readNames(`/proc/thread-self/net/${program === 'iptables' ? 'ip' : 'ip6'}_tables_names`)
    if (names.length === 0) continue
    const tool = findExecutable(`${program}-legacy-save`)
    const used = tool === undefined ? names : usedTables((await run([tool])).stdout)
    found.push(...used.map(name => `${program} ${name}`))
  }
  return found
}

function usedTables(save: string): readonly string[] {
  return save.split(/^\*/m).slice(1).filter(text => /^-A |^:\S+ (?!ACCEPT|-)/m.test(text)).map(text => text.split('\n')[0] ?? '')
}

function readNames(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(name => name !== '')
  } catch {
    return []
  }
}
