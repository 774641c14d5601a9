/**
 * What the reference plugins have made on a node that is switched over while it runs: seen by an ADD that wants a host port and by CHECK, and
 * removed by the DEL of its container, for which tsnet has no record.
 *
 * Whether there is any is remembered until the next boot, or until a folder of plugins changes: nobody pays for it who has never had them.
 */
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { formatIp } from '../../address/ip.ts'
import { parseInterfaceAddress } from '../../address/cidr.ts'
import { TsnetError } from '../../errors/error.ts'
import { findExecutable, run } from '../../kernel/exec.ts'
import type { Family } from '../../objects/firewall.ts'
import type { HostPort } from '../../store/cni-store.ts'
import type { CniCore } from '../core.ts'
import { cniCodes, cniError } from '../error.ts'
import { stringOf } from '../fields.ts'
import { type Request, prevResultOf } from '../request.ts'
import { referenceNames } from './names.ts'
import { type ReferencePort, hasReferenceRules, isForwarded, publishedByReference, removalOf } from './rules.ts'

export const referenceParts = ['bridge', 'portmap', 'firewall', 'bandwidth', 'tuning'] as const
export type ReferencePart = typeof referenceParts[number]

const noneKey = 'cni-reference-none'
const families = [4, 6] as const

/** Removes what the reference plugins of those names have made for the container. @throws firewall-error */
export async function removeReference(core: CniCore, request: Request, parts: readonly ReferencePart[]): Promise<void> {
  if (parts.includes('tuning')) {
    rmSync(join(stringOf(request.config, 'dataDir') ?? '/run/cni/tuning', `${request.containerId}_${request.ifname}.json`), { force: true })
  }
  const names = referenceNames(request)
  if (parts.includes('bandwidth')) {
    const ifb = core.kernel.rtnetlink().findLink(names.ifb)
    if (ifb?.kind === 'ifb') core.kernel.rtnetlink().deleteLink(ifb.index, ifb.name)
  }
  const wanted = {
    chains: [...parts.includes('portmap') ? [names.ports] : [], ...parts.includes('bridge') ? [names.masquerade] : []],
    addresses: parts.includes('firewall') ? addressesOf(request) : [],
  }
  if (wanted.chains.length + wanted.addresses.length === 0) return
  for (const { family, text } of await savedRules(core, request)) await restore(family, removalOf(text, wanted))
}

/** Host ports that the reference portmap has published, of all containers. */
export async function referencePorts(core: CniCore, request: Request): Promise<readonly ReferencePort[]> {
  return (await savedRules(core, request)).flatMap(({ family, text }) => publishedByReference(text, family))
}

/** Whether the reference firewall lets the container's packets through. */
export async function isForwardedByReference(core: CniCore, request: Request): Promise<boolean> {
  return (await savedRules(core, request)).some(({ text }) => isForwarded(text, addressesOf(request)))
}

/** Whether the reference bandwidth limits what the container sends. */
export function isShapedByReference(core: CniCore, request: Request): boolean {
  return core.kernel.rtnetlink().findLink(referenceNames(request).ifb)?.kind === 'ifb'
}

/** @throws code 11 where another container has one of the ports by the reference portmap, whose rule comes first */
export function refuseReference(theirs: readonly ReferencePort[], wanted: readonly HostPort[], { containerId }: Request): void {
  for (const { protocol, port, hostIp } of wanted) {
    const rival = theirs.find(each => each.containerId !== containerId && each.protocol === protocol && each.host.first === port
      && (hostIp === '' || each.hostIp === undefined || each.hostIp === hostIp))
    if (rival === undefined) continue
    throw cniError(cniCodes.tryAgainLater, `host port ${port}/${protocol} is taken by container "${rival.containerId}" of network "${rival.network}"`,
      `the reference portmap published it, in the chain ${rival.chain} of the table nat, which the DEL of that container removes`)
  }
}

export function ofContainer(theirs: readonly ReferencePort[], { containerId }: Request): readonly ReferencePort[] {
  return theirs.filter(each => each.containerId === containerId)
}

interface Saved { readonly family: Family, readonly text: string }

/** The rules of each family that has some of the reference plugins. */
async function savedRules(core: CniCore, request: Request): Promise<readonly Saved[]> {
  const now = `${core.bootId} ${folderVersions(request)}`
  if (core.read(tx => tx.meta.get(noneKey)) === now) return []
  const saved = (await Promise.all(families.map(save))).filter(({ text }) => hasReferenceRules(text))
  if (saved.length === 0) core.write(tx => { tx.meta.set(noneKey, now) })
  return saved
}

/** A plugin that is put in another's place changes its folder. */
function folderVersions({ path }: Request): string {
  return path.map(folder => {
    try {
      return statSync(folder, { bigint: true }).mtimeNs
    } catch {
      return ''
    }
  }).join(' ')
}

/** Empty where there is no such program, or no such table in the kernel. */
async function save(family: Family): Promise<Saved> {
  const program = `${programOf(family)}-save`
  if (findExecutable(program) === undefined) return { family, text: '' }
  const { status, stdout } = await run([program])
  return { family, text: status === 0 ? stdout : '' }
}

async function restore(family: Family, stdin: string): Promise<void> {
  if (stdin === '') return
  const argv = [`${programOf(family)}-restore`, '--noflush', '--wait']
  const { status, stderr } = await run(argv, { stdin })
  if (status !== 0) throw new TsnetError('firewall-error', `remove rules of the reference plugins: ${argv[0] ?? ''}: ${stderr.trim()}`)
}

function programOf(family: Family): string {
  return family === 4 ? 'iptables' : 'ip6tables'
}

/** None where the result is wrong: it stands in the way of no DEL. */
function addressesOf({ config }: Request): readonly string[] {
  try {
    return prevResultOf(config)?.ips.map(({ address }) => formatIp(parseInterfaceAddress(address).ip)) ?? []
  } catch {
    return []
  }
}
