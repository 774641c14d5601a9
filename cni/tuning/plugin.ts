/**
 * The plugin tuning: settings of a container's namespace, and attributes of its interface, which are put back by DEL; settings go with the
 * namespace.
 */
import { readFileSync } from 'node:fs'
import { isErrno } from '../../kernel/error.ts'
import { type LinkAttributes, attachmentId, newRecord } from '../attachment.ts'
import { createAttachment, removeAttachment } from '../attachments.ts'
import { staleAttachments } from '../bridge/plugin.ts'
import type { CniCore } from '../core.ts'
import { cniCodes, cniError } from '../error.ts'
import { hasNetns, insideNetns, requireNetns } from '../netns.ts'
import type { Plugin } from '../plugin.ts'
import { removeReference } from '../reference/leftovers.ts'
import type { Request } from '../request.ts'
import type { CniResult } from '../result.ts'
import { type TuningConfig, parseTuning } from './config.ts'

const plugin = 'tuning'
const allowlistPath = '/etc/cni/tuning/allowlist.conf'

export const tuningPlugin: Plugin = {
  async add(request, core) {
    const config = parseTuning(request, readAllowlist())
    const prev = request.prevResult
    if (prev === undefined) throw cniError(cniCodes.other, 'Required prevResult missing')
    const path = requireNetns(core, request)
    const before = presentAttributes(core, path, request)
    const record = { ...newRecord(request, plugin), before: onlyOf(before, config.attributes) }
    return createAttachment(core, record.id, {
      plan: () => ({
        record,
        objects: config.sysctls.map(({ key, value }) => ({ kind: 'sysctl', key, value, netns: path })),
      }),
      prepare: () => setAttributes(core, path, request.ifname, { wanted: config.attributes, before }),
      finish: () => resultOf(request, prev, config.attributes),
    })
  },

  async del(request, core) {
    const id = attachmentId(request, plugin)
    const before = core.read(tx => tx.attachments.get(id))?.before
    if (before !== undefined && hasNetns(core, request)) putBack(core, request, before)
    if (!await removeAttachment(core, id)) await removeReference(core, request, [plugin])
  },

  async check(request, core) {
    const config = parseTuning(request, readAllowlist())
    const path = requireNetns(core, request)
    const present = presentAttributes(core, path, request)
    for (const [name, wanted] of Object.entries(config.attributes) as readonly [keyof LinkAttributes, unknown][]) {
      if (present[name] !== wanted) throw cniError(cniCodes.other, `Error: Tuning configured ${name} is ${String(wanted)}, current value is ${String(present[name])}`)
    }
    const [missing] = await core.executor.missing(config.sysctls.map(({ key, value }) => ({ kind: 'sysctl', key, value, netns: path })))
    if (missing?.kind === 'sysctl') throw cniError(cniCodes.other, `Error: Tuning configured value of ${missing.key} is ${missing.value}, and the current one is another`)
  },

  async status(request) {
    parseTuning(request, readAllowlist())
    await Promise.resolve()
  },

  async gc(request, core, valid) {
    for (const { id } of staleAttachments(core, request.network, plugin, valid)) await removeAttachment(core, id)
  },
}

/** One regular expression a line; undefined where there is no such file. */
function readAllowlist(): readonly RegExp[] | undefined {
  try {
    return readFileSync(allowlistPath, 'utf8').split('\n').map(line => line.trim()).filter(line => line !== '').map(line => new RegExp(line))
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}

function presentAttributes(core: CniCore, path: string, { ifname }: Request): Required<LinkAttributes> {
  const link = insideNetns(core.kernel, path, rtnetlink => rtnetlink.findLinkDetails(ifname))
  if (link === undefined) throw cniError(cniCodes.other, `failed to get "${ifname}": Link not found`)
  return link
}

/** What is about to change. */
function onlyOf(before: LinkAttributes, changed: LinkAttributes): LinkAttributes {
  return Object.fromEntries(Object.entries(before).filter(([name]) => name in changed))
}

function setAttributes(
  core: CniCore, path: string, ifname: string, { wanted, before }: { readonly wanted: LinkAttributes, readonly before: LinkAttributes },
): Promise<() => Promise<void>> {
  const change = (attributes: LinkAttributes): void => {
    if (Object.keys(attributes).length > 0) insideNetns(core.kernel, path, rtnetlink => { rtnetlink.setLink(ifname, attributes) })
  }
  change(wanted)
  return Promise.resolve(async () => { change(onlyOf(before, wanted)); await Promise.resolve() })
}

/** As the reference plugin: what cannot be put back is let go, since the interface goes, too. */
function putBack(core: CniCore, request: Request, before: LinkAttributes): void {
  try {
    insideNetns(core.kernel, core.netnsOf(request), rtnetlink => {
      if (rtnetlink.findIndex(request.ifname) !== undefined && Object.keys(before).length > 0) rtnetlink.setLink(request.ifname, before)
    })
  } catch (error) {
    process.stderr.write(`tsnet-cni: warning: put ${request.ifname} back: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

function resultOf({ ifname, netns }: Request, prev: CniResult, { mac, mtu }: TuningConfig['attributes']): CniResult {
  const interfaces = prev.interfaces.map(each => each.name === ifname && each.sandbox === netns
    ? { ...each, ...mac === undefined ? {} : { mac }, ...mtu === undefined ? {} : { mtu } } : each)
  return { ...prev, interfaces }
}
