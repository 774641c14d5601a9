/** The device rules of a container's cgroup: nothing but what Docker and runc allow. */
import type { OciResources } from '../oci-spec.ts'

type DeviceRule = NonNullable<OciResources['devices']>[number]

/** An absent number stands for all, as in the OCI specification. */
function character(major?: number, minor?: number, access = 'rwm'): DeviceRule {
  return {
    allow: true, type: 'c', ...major === undefined ? {} : { major }, ...minor === undefined ? {} : { minor }, access,
  }
}

/**
 * Deny all, then: mknod of anything (creating a node is harmless, opening it is not), null, zero, full, random, urandom, tty,
 * console, ptmx and the terminals.
 */
export const deviceRules: readonly DeviceRule[] = [
  { allow: false, access: 'rwm' },
  character(undefined, undefined, 'm'),
  { allow: true, type: 'b', access: 'm' },
  character(1, 3), character(1, 5), character(1, 7), character(1, 8), character(1, 9),
  character(5, 0), character(5, 1), character(5, 2), character(136),
]
