/** Capability names and sets. Numbers: include/uapi/linux/capability.h. */
const names = [
  'CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP', 'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER', 'SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT',
  'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE', 'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE',
  'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP', 'MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ',
  'PERFMON', 'BPF', 'CHECKPOINT_RESTORE',
] as const

/** Every kernel that tsnet runs on has these; newer ones may have more, up to `capabilityLimit`. */
export const knownCapabilities = names.length
export const capabilityLimit = 64
export const CAP_SYS_RESOURCE = 24

/** The set as bits; names that this list lacks cannot be granted and are left out, as the specification asks for. */
export function capabilityMask(capabilities: readonly string[]): bigint {
  let mask = 0n
  for (const capability of capabilities) {
    const number = names.findIndex(name => `CAP_${name}` === capability)
    if (number >= 0) mask |= 1n << BigInt(number)
  }
  return mask
}

export function hasCapability(mask: bigint, number: number): boolean { return (mask >> BigInt(number) & 1n) === 1n }
