/** Rules of the reference plugins in the text of `iptables-save`: which ports they publish, and how those of one container are removed. Pure. */
import type { Family, PublishObject } from '../../objects/firewall.ts'

export interface ReferencePort extends PublishObject {
  readonly chain: string
  /** From the comment of the rule; empty where it has none. */
  readonly network: string
  readonly containerId: string
}

interface Rule { readonly table: string, readonly chain: string, readonly spec: string }
interface Rules { readonly chains: readonly { readonly table: string, readonly chain: string }[], readonly rules: readonly Rule[] }

/** True where the reference plugins have made something for a container. */
export function hasReferenceRules(text: string): boolean {
  return /^:CNI-(DN-)?[0-9a-f]{20,} /m.test(text) || /^-A CNI-FORWARD .*-[sd] /m.test(text)
}

/** Published ports, in the order in which packets meet them. */
export function publishedByReference(text: string, family: Family): readonly ReferencePort[] {
  const { rules } = parse(text)
  const owners = new Map(rules.filter(({ chain }) => chain === 'CNI-HOSTPORT-DNAT').map(({ spec }) => {
    const [, network = '', containerId = ''] = /--comment "dnat name: \\"(.*?)\\" id: \\"(.*?)\\"/.exec(spec) ?? []
    return [targetOf(spec), { network, containerId }] as const
  }))
  return rules.flatMap(({ chain, spec }) => {
    const found = /^(?:-d (?<ip>[^ /]+)\S* )?-p (?<protocol>tcp|udp|sctp) .*--dport (?<port>\d+) .*-j DNAT --to-destination \[?(?<to>[^ \]]+?)\]?:(?<inside>\d+)(?: |$)/.exec(spec)?.groups
    const owner = owners.get(chain)
    if (found === undefined || owner === undefined) return []
    const range = (text: string | undefined) => ({ first: Number(text), last: Number(text) })
    return [{
      kind: 'publish', family, bridge: '', protocol: found['protocol'] as PublishObject['protocol'], ...found['ip'] === undefined ? {} : { hostIp: found['ip'] },
      host: range(found['port']), containerIp: found['to'] ?? '', container: range(found['inside']), chain, ...owner,
    }]
  })
}

/** Whether the plugin firewall lets packets of one of the addresses through. */
export function isForwarded(text: string, addresses: readonly string[]): boolean {
  return parse(text).rules.some(rule => isForwardOf(rule, addresses))
}

/** The input of `iptables-restore --noflush` that removes chains of nat, what jumps to them, and what lets the addresses through; empty where there is none of it. */
export function removalOf(text: string, { chains, addresses }: { readonly chains: readonly string[], readonly addresses: readonly string[] }): string {
  const { rules, chains: present } = parse(text)
  const gone = present.filter(({ table, chain }) => table === 'nat' && chains.includes(chain)).map(({ chain }) => chain)
  const jumps = rules.filter(({ table, spec }) => table === 'nat' && gone.includes(targetOf(spec)))
  return [
    ...tableInput('nat', [...jumps.map(deletion), ...gone.flatMap(chain => [`-F ${chain}`, `-X ${chain}`])]),
    ...tableInput('filter', rules.filter(rule => isForwardOf(rule, addresses)).map(deletion)),
  ].join('')
}

function tableInput(table: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`*${table}`, ...lines, 'COMMIT'].map(line => `${line}\n`)
}

function deletion({ chain, spec }: Rule): string {
  return `-D ${chain} ${spec}`
}

function isForwardOf({ table, chain, spec }: Rule, addresses: readonly string[]): boolean {
  const address = /^-[sd] ([^ /]+)\/(?:32|128) /.exec(spec)?.[1]
  return table === 'filter' && chain === 'CNI-FORWARD' && address !== undefined && addresses.includes(address)
}

function targetOf(spec: string): string {
  return / -j (\S+)$/.exec(spec)?.[1] ?? ''
}

function parse(text: string): Rules {
  let table = ''
  const chains: Rules['chains'][number][] = []
  const rules: Rule[] = []
  for (const line of text.split('\n')) {
    const [, verb, chain = '', spec = ''] = /^(:|-A )(\S+) ?(.*)$/.exec(line) ?? []
    if (line.startsWith('*')) table = line.slice(1)
    else if (verb === ':') chains.push({ table, chain })
    else if (verb === '-A ') rules.push({ table, chain, spec })
  }
  return { chains, rules }
}
