/**
 * A plugin behind others in a chain. What it has made is in its record, which is all that DEL, CHECK and GC need: neither the configuration of the ADD nor
 * its result may be known any more.
 */
import { type AttachmentRecord, attachmentId } from './attachment.ts'
import { removeAttachment } from './attachments.ts'
import { checkRecord, requirePrevResult } from './bridge/check.ts'
import { staleAttachments } from './bridge/plugin.ts'
import type { CniCore } from './core.ts'
import { cniCodes, cniError } from './error.ts'
import type { Plugin } from './plugin.ts'
import type { PluginName } from './plugin-names.ts'
import { referenceParts, removeReference } from './reference/leftovers.ts'
import type { Request } from './request.ts'
import type { CniResult } from './result.ts'
import type { CniVersion } from './version.ts'

export interface ChainedPlugin<Config> {
  readonly name: PluginName
  /** Absent: all. */
  readonly versions?: readonly CniVersion[]
  /** What an ADD says that is the first of its chain. */
  readonly alone: string
  /** @throws what is wrong with the fields */
  parse(request: Request): Config
  add(config: Config, call: { readonly request: Request, readonly core: CniCore, readonly prev: CniResult }): Promise<CniResult>
  /** Throws what the configuration asks for and the record, which is compared with the kernel afterwards, does not have. Absent: nothing. */
  check?(config: Config, call: { readonly request: Request, readonly core: CniCore, readonly prev: CniResult, readonly record: AttachmentRecord | undefined }): void | Promise<void>
  /** Throws what stands in the way of an ADD, beside the fields. */
  status?(config: Config, core: CniCore): Promise<void>
}

export function chained<Config>(plugin: ChainedPlugin<Config>): Plugin {
  const { name, versions, alone } = plugin
  return {
    ...versions === undefined ? {} : { versions },

    async add(request, core) {
      const config = plugin.parse(request)
      if (request.prevResult === undefined) throw cniError(cniCodes.other, alone)
      return plugin.add(config, { request, core, prev: request.prevResult })
    },

    async del(request, core) {
      if (await removeAttachment(core, attachmentId(request, name))) return
      await removeReference(core, request, referenceParts.filter(part => part === name))
    },

    async check(request, core) {
      const config = plugin.parse(request)
      const prev = requirePrevResult(request)
      const record = core.read(tx => tx.attachments.get(attachmentId(request, name)))
      await plugin.check?.(config, { request, core, prev, record })
      if (record !== undefined) await checkRecord(core, record, core.netnsOf(request))
    },

    async status(request, core) {
      const config = plugin.parse(request)
      await plugin.status?.(config, core)
    },

    async gc(request, core, valid) {
      for (const { id } of staleAttachments(core, request.network, name, valid)) await removeAttachment(core, id)
    },
  }
}
