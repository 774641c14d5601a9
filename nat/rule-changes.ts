/** Whether any rule of the host may have changed, for the price of one question to the kernel. */
import { readFileSync } from 'node:fs'
import type { NftKernel } from './nftables/kernel.ts'

/** Grows with every change that anybody makes to any rule. Undefined where nobody counts: without nf_tables, and for rules of iptables-legacy. */
export function countRuleChanges(kernel: Pick<NftKernel, 'generation'>): number | undefined {
  if (hasLegacyTables()) return undefined
  try {
    return kernel.generation()
  } catch {
    return undefined
  }
}

function hasLegacyTables(): boolean {
  return ['ip', 'ip6'].some(family => {
    try {
      return readFileSync(`/proc/thread-self/net/${family}_tables_names`, 'utf8') !== ''
    } catch {
      return false
    }
  })
}
