/**
 * Ports of a container that is on several networks. Orchestrators ask the plugins of each for all of its ports; the first network has them, as with the
 * reference plugins, where the rule that comes first has the traffic. Another family, or another address of the host, may be a later network's.
 */
import type { PublishObject } from '../../objects/firewall.ts'
import type { KernelObject } from '../../objects/object.ts'
import type { CniView } from '../core.ts'
import type { PortObjects } from './objects.ts'

interface Holder { readonly id: string, readonly containerId: string }

/** What other attachments of the same container publish. */
export function publishedElsewhere({ attachments }: Pick<CniView, 'attachments'>, { id, containerId }: Holder): readonly PublishObject[] {
  return attachments.list({ sandbox: containerId }).filter(record => record.id !== id && record.state !== 'deleting').flatMap(({ objects }) => publishedIn(objects))
}

export function publishedIn(objects: readonly KernelObject[]): readonly PublishObject[] {
  return objects.filter(object => object.kind === 'publish')
}

/** Without what is published elsewhere; nothing at all where that is everything. */
export function withoutPublished(made: PortObjects, elsewhere: readonly PublishObject[]): PortObjects {
  const objects = made.objects.filter(object => object.kind !== 'publish' || !elsewhere.some(other => takes(other, object)))
  const published = publishedIn(objects)
  if (published.length === 0) return { objects: [], shared: [], hostPorts: [] }
  const hostPorts = made.hostPorts.filter(({ protocol, port, hostIp }) =>
    !elsewhere.some(other => other.protocol === protocol && other.host.first === port && (other.hostIp ?? '') === hostIp))
  return { objects, shared: made.shared, hostPorts }
}

function takes(other: PublishObject, { family, protocol, host, hostIp }: PublishObject): boolean {
  return other.family === family && other.protocol === protocol && other.host.first === host.first && (other.hostIp === undefined || other.hostIp === hostIp)
}
