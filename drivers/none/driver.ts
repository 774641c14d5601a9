/** Driver none: a network namespace of its own with nothing in it but lo. Pure. */
import type { Driver, SandboxIntent } from '../../cnm/driver.ts'
import type { KernelObject } from '../../objects/object.ts'

/**
 * A new namespace as containers find it: lo up; ports below 1024 and ping sockets for everybody, as Docker has it, because here
 * they are nobody else's.
 */
export function namespaceObjects(sandbox: SandboxIntent): readonly KernelObject[] {
  const { netns } = sandbox
  if (netns === undefined) return []
  return [
    { kind: 'netns', path: netns },
    { kind: 'link-up', name: 'lo', netns },
    { kind: 'sysctl', key: 'net/ipv4/ip_unprivileged_port_start', value: '0', netns, optional: true },
    { kind: 'sysctl', key: 'net/ipv4/ping_group_range', value: '0 2147483647', netns, optional: true },
  ]
}

export const noneDriver: Driver = {
  name: 'none',
  parseOptions: () => undefined,
  networkObjects: () => [],
  sandboxObjects: namespaceObjects,
  endpointObjects: () => [],
}
