/** The interface of the host behind which a container is: its bridge or, without one, the host's end of its link. */
import type { CniCore } from '../core.ts'
import { cniCodes, cniError } from '../error.ts'
import { findLinkInside, hasNetns } from '../netns.ts'
import type { Request } from '../request.ts'
import type { CniResult } from '../result.ts'

/** @throws code 999 where the container has no link to the host */
export function hostLinkOf(core: CniCore, request: Request, prev: CniResult): string {
  const rtnetlink = core.kernel.rtnetlink()
  const named = prev.interfaces.filter(({ sandbox }) => sandbox === undefined).flatMap(({ name }) => rtnetlink.findLink(name) ?? [])
  const bridge = named.find(({ kind }) => kind === 'bridge')
  // A container in a VLAN is reached by its gateway there, which the result of the plugin bridge names.
  if (bridge !== undefined) return named.find(({ name }) => name.startsWith(`${bridge.name}.`))?.name ?? bridge.name
  const end = named.find(({ kind }) => kind === 'veth') ?? peerOf(core, request)
  if (end === undefined) throw cniError(cniCodes.other, `found no interface of the host that leads to ${request.ifname} of the container`)
  return rtnetlink.links().find(({ index }) => index === end.master)?.name ?? end.name
}

/** The host's end of the container's link. @throws code 999 where it has none */
export function hostEndOf(core: CniCore, request: Request): string {
  const end = peerOf(core, request)
  if (end === undefined) throw cniError(cniCodes.other, `found no veth of the host that leads to ${request.ifname} of the container`)
  return end.name
}

/** A veth's peer is told by its index, in the namespace where that is. */
function peerOf(core: CniCore, request: Request) {
  if (!hasNetns(core, request)) return undefined
  const peer = findLinkInside(core.kernel, core.netnsOf(request), request.ifname)?.link
  return peer === undefined ? undefined : core.kernel.rtnetlink().links().find(({ index }) => index === peer)
}
