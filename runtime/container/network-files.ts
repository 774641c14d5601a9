/** What a running container's files say of its networks, changed while it runs; its specification with other networks. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Attachment } from '../../cnm/controller-api.ts'
import type { SandboxId } from '../../cnm/types.ts'
import { isTsnetError } from '../../errors/error.ts'
import { resolvConfText } from '../files/container-files.ts'
import { containerPaths } from '../paths.ts'
import type { ContainerRecord, EndpointSettings } from '../types.ts'
import type { ContainerDependencies } from './dependencies.ts'

type Host = Pick<ContainerDependencies, 'networks' | 'roots' | 'hostFiles' | 'resolvers'>

export interface Rewritten { readonly change: Pick<ContainerRecord, 'resolvConf'>, readonly warnings: readonly string[] }

const unchanged: Rewritten = { change: {}, warnings: [] }

/** In place: the file is mounted in the container, and another file of its name would not be. */
export function rewriteHosts({ id }: ContainerRecord, on: Host, change: (text: string) => string): void {
  const { hosts } = containerPaths(on.roots, id)
  const text = readFileSync(hosts, 'utf8')
  const changed = change(text)
  if (changed !== text) writeFileSync(hosts, changed)
}

/** Whom the container asks for names from now on. A file that its user has changed is the user's. */
export function rewriteResolvConf({ id, spec, resolvConf: written }: ContainerRecord, on: Host): Rewritten {
  const { resolvConf: path } = containerPaths(on.roots, id)
  const sandbox = on.networks.findSandbox(id as SandboxId)
  if (sandbox === undefined || written === undefined) return unchanged
  const text = readFileSync(path, 'utf8')
  try {
    const attachment = { sandbox, endpoints: connectedEndpoints(sandbox.id, on) }
    const resolvConf = resolvConfText({ spec, attachment, host: on.hostFiles(), resolvers: on.resolvers(attachment) })
    // What it is to say may be there already, from somebody who died before that was noted.
    if (text !== written && text !== resolvConf) return unchanged
    if (text !== resolvConf) writeFileSync(path, resolvConf)
    return { change: { resolvConf }, warnings: [] }
  } catch (error) {
    // The networks are changed: that a container cannot ask anybody any more is told, and no reason to fail.
    if (!isTsnetError(error, 'no-nameserver')) throw error
    if (text !== written) return unchanged
    return { change: {}, warnings: [`/etc/resolv.conf of the container stays as it is: ${error.message}`] }
  }
}

/** In the order of their interfaces: `eth2` before `eth10`. */
export function connectedEndpoints(sandboxId: SandboxId, { networks }: Pick<Host, 'networks'>): Attachment['endpoints'] {
  return networks.listEndpoints({ sandboxId })
    .toSorted((a, b) => a.interfaceName.localeCompare(b.interfaceName, 'en', { numeric: true }))
    .map(endpoint => ({ endpoint, network: networks.getNetwork(endpoint.networkId) }))
}

export function withEndpoints({ spec }: ContainerRecord, endpoints: readonly EndpointSettings[]): Pick<ContainerRecord, 'spec'> {
  const { network } = spec
  return network.mode === 'bridge' ? { spec: { ...spec, network: { ...network, endpoints } } } : { spec }
}
