/** The rules of the host as foreign tools list them, and the proof that they are what they were. */
import type { Firewall } from '../../../nat/firewall.ts'
import type { FirewallObject } from '../../../objects/firewall.ts'
import { iptablesLines, nftLines } from '../../helpers/firewall-lines.ts'
import type { Namespace } from '../../helpers/namespace.ts'

/** What iptables and nft list, without counters and handles. */
export async function rules({ host }: { readonly host: Namespace }): Promise<readonly string[]> {
  const [v4, v6, nft] = await Promise.all([host.run('iptables-save'), host.run('ip6tables-save'), host.run('nft', '-j', 'list', 'ruleset')])
  return [...iptablesLines(v4), ...iptablesLines(v6), ...nftLines(nft)].toSorted()
}

export async function assertRules(world: { readonly host: Namespace }, expected: readonly string[], except = /^never$/): Promise<void> {
  const now = (await rules(world)).filter(line => !except.test(line))
  const before = expected.filter(line => !except.test(line))
  const surplus = now.filter(line => !before.includes(line)).map(line => `+ ${line}`)
  const lost = before.filter(line => !now.includes(line)).map(line => `- ${line}`)
  if (surplus.length + lost.length > 0 || now.length !== before.length) throw new Error(`the rules are not what they were:\n${[...surplus, ...lost].join('\n')}`)
}

/** Runs `body` with the objects in the kernel, and proves that they leave nothing, but for lines that `except` knows. */
export async function withObjects(
  { world, open }: { readonly world: { readonly host: Namespace }, readonly open: () => Firewall },
  objects: readonly FirewallObject[], body: (firewall: Firewall) => Promise<void>, except?: RegExp,
): Promise<void> {
  const before = await rules(world)
  const firewall = open()
  await firewall.create(objects)
  try {
    await body(firewall)
  } finally {
    await firewall.remove(objects)
  }
  await assertRules(world, before, except)
}
