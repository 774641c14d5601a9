/** Root alone is not enough: in an unprivileged container it lacks the capabilities that everything here needs. */
import { readFileSync } from 'node:fs'
import { TsnetError } from '../errors/error.ts'

/** Bits of /proc/PID/status, `CapEff`. Source: include/uapi/linux/capability.h */
const needed = { CAP_NET_ADMIN: 12n, CAP_SYS_ADMIN: 21n }

/** @param status the text of /proc/self/status @throws permission-denied naming what is missing */
export function requirePrivileges(status = readFileSync('/proc/self/status', 'utf8')): void {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  const missing = Object.entries(needed).filter(([, bit]) => (effective >> bit & 1n) === 0n).map(([name]) => name)
  if (missing.length === 0) return
  throw new TsnetError('permission-denied', `tsnet is run as root without ${missing.join(' and ')}: it makes network interfaces, firewall rules and `
    + 'namespaces; inside a container, that one must be privileged', { data: { missing } })
}
