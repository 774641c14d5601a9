/**
 * The rules of netfilter as comparable lines: without counters and handles, and without the empty builtin chains and tables that
 * the iptables tools leave behind when they only look.
 */

/** Rules and user chains of an `iptables-save` text, each prefixed with its table. */
export function iptablesLines(save: string): readonly string[] {
  let table = ''
  return save.split('\n').flatMap(line => {
    if (line.startsWith('*')) table = line.slice(1)
    if (line === '' || line.startsWith('*') || line.startsWith('#') || line === 'COMMIT') return []
    if (/^:[A-Z]+ ACCEPT \[/.test(line)) return []
    return [`${table} ${line.replace(/ ?\[\d+:\d+\] ?/, '')}`]
  })
}

type NftEntry = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** One line per table, chain, set, map, element and rule of an `nft -j list ruleset` text. */
export function nftLines(text: string): readonly string[] {
  if (text.trim() === '') return []
  const { nftables } = JSON.parse(text) as { readonly nftables: readonly NftEntry[] }
  const entries = nftables.flatMap(entry => Object.entries(entry)).filter(([kind]) => kind !== 'metainfo')
  const place = (value: Readonly<Record<string, unknown>>): string => `${String(value.family)} ${String(value.table)}`
  const used = new Set(entries.filter(([kind]) => kind === 'rule').map(([, rule]) => `${place(rule)} ${String(rule.chain)}`))
  const kept = entries.filter(([kind, value]) =>
    kind !== 'chain' || value.policy !== 'accept' || used.has(`${place(value)} ${String(value.name)}`))
  const filled = new Set(kept.filter(([kind]) => kind !== 'table').map(([, value]) => place(value)))
  return kept
    .filter(([kind, value]) => kind !== 'table' || filled.has(`${String(value.family)} ${String(value.name)}`))
    .map(([kind, value]) => `${kind} ${JSON.stringify(value, dropMovingParts)}`)
}

function dropMovingParts(key: string, value: unknown): unknown {
  return ['handle', 'packets', 'bytes', 'index', 'expires'].includes(key) ? undefined : value
}
