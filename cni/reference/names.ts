/**
 * What the reference plugins call what they make for a container on a network: by a hash of both.
 * Source: containernetworking/plugins, pkg/utils/utils.go, plugins/meta/portmap/chain.go, plugins/meta/bandwidth/main.go.
 */
import type { Request } from '../request.ts'

export interface ReferenceNames {
  /** Chain of portmap, in the table nat. */
  readonly ports: string
  /** Chain of bridge with `ipMasq`, in the table nat. */
  readonly masquerade: string
  /** Link of bandwidth, by way of which goes what the container sends. */
  readonly ifb: string
}

const [chainLength, linkLength] = [28, 15]

export function referenceNames({ network, containerId }: Pick<Request, 'network' | 'containerId'>): ReferenceNames {
  const hash = process.getBuiltinModule('node:crypto').createHash('sha512').update(network + containerId).digest('hex')
  const named = (prefix: string, length: number): string => `${prefix}${hash}`.slice(0, length)
  return { ports: named('CNI-DN-', chainLength), masquerade: named('CNI-', chainLength), ifb: named('bwp', linkLength) }
}
