/** The capabilities of a container: Docker's fourteen (mask 00000000a80425fb), from moby daemon/pkg/oci/caps/defaults.go. */
import type { OciProcess } from '../oci-spec.ts'

export const defaultCapabilities = [
  'CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FSETID', 'CAP_FOWNER', 'CAP_MKNOD', 'CAP_NET_RAW', 'CAP_SETGID', 'CAP_SETUID',
  'CAP_SETFCAP', 'CAP_SETPCAP', 'CAP_NET_BIND_SERVICE', 'CAP_SYS_CHROOT', 'CAP_KILL', 'CAP_AUDIT_WRITE',
] as const

/**
 * The five sets for a process of this uid: a user other than root has the bounding set only, so that a set-uid program may
 * still gain them. Inheritable and ambient stay empty (CVE-2022-29162).
 */
export function capabilitySets(uid: number, granted: readonly string[] = defaultCapabilities): OciProcess['capabilities'] {
  const held = uid === 0 ? granted : []
  return { bounding: granted, effective: held, permitted: held, inheritable: [], ambient: [] }
}
