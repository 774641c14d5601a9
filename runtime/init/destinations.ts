/** Mounts on links that point at nothing: they go where the link leads, inside the root (`rootfs/resolve-link.ts`). */
import type { OciMount } from '../oci-spec.ts'
import { viewOf } from '../rootfs/container-root.ts'
import { resolveLink } from '../rootfs/resolve-link.ts'
import type { StartRequest } from './start-api.ts'

/** Below these no link is followed, see `sandbox/resolve.ts`. */
const linkless = ['/dev', '/proc', '/sys']

/**
 * The request with the destinations of its bind mounts free of links. What lies below another mount is left to the kernel, as the root
 * does not tell what is there.
 */
export function withPlainDestinations(request: StartRequest): StartRequest {
  const { mounts } = request.spec
  const binds = mounts.filter(({ type }) => type === 'bind')
  const isCovered = ({ destination }: OciMount): boolean =>
    [...linkless, ...binds.map(mount => mount.destination)].some(above => destination.startsWith(`${above.replace(/\/+$/, '')}/`))
  const view = viewOf(request.root)
  const plain = (mount: OciMount): OciMount =>
    mount.type !== 'bind' || isCovered(mount) ? mount : { ...mount, destination: resolveLink(view, mount.destination) }
  return { ...request, spec: { ...request.spec, mounts: mounts.map(plain) } }
}
