/**
 * One call, from environment and standard input to standard output and exit status: what the executable does, and what the server does for
 * the thin client. Nothing but the answer ever goes to standard output.
 */
import { basename } from 'node:path'
import { recoverAttachments } from './attachments.ts'
import { findUnanswered } from './caller.ts'
import type { CniCore } from './core.ts'
import { cniCodes, cniError, failureOfError, unavailable } from './error.ts'
import { objectsOf, stringOf, valueOf } from './fields.ts'
import type { Plugin, ValidAttachments } from './plugin.ts'
import { pluginNames } from './plugin-names.ts'
import { findPlugin } from './registry.ts'
import { type Environment, type Request, parseCommand, parseRequest } from './request.ts'
import { formatResult } from './result.ts'
import { checkVersion, supportedVersions } from './version.ts'

export interface Answer { readonly stdout: string, readonly stderr: string, readonly status: number }

export interface Call {
  /** What the executable was called as. */
  readonly program: string
  readonly environment: Environment
  /** Called once, and not for VERSION. */
  readonly stdin: () => string | Promise<string>
  /** Called once, when the call needs it. */
  readonly core: (request: Request) => CniCore | Promise<CniCore>
  /** Told what could not be finished of others' work: no failure of this call. */
  readonly warn: (line: string) => void
}

/** Never throws. */
export async function answer(call: Call): Promise<Answer> {
  try {
    return { status: 0, stderr: '', stdout: await act(call) }
  } catch (error) {
    if (error === usageAsked) return { status: 0, stdout: '', stderr: usage(call.program) }
    return { status: 1, stderr: '', stdout: JSON.stringify(failureOfError(error), undefined, 4) }
  }
}

/** Somebody calls a plugin by hand. */
const usageAsked = new Error('no CNI_COMMAND')

async function act({ program, environment, stdin, core, warn }: Call): Promise<string> {
  if ((environment['CNI_COMMAND'] ?? '') === '') throw usageAsked
  const command = parseCommand(environment)
  const name = basename(program)
  if (command === 'VERSION') return JSON.stringify({ cniVersion: supportedVersions.at(-1), supportedVersions: findPlugin(name)?.versions ?? supportedVersions })
  const request = parseRequest(command, environment, await stdin())
  // The name of the link it was called by or, called by its own name, what the configuration says.
  const type = findPlugin(name) === undefined ? stringOf(request.config, 'type') ?? '' : name
  const plugin = pluginOf(type)
  if (plugin.versions !== undefined) checkVersion(request.version, plugin.versions)
  if (command === 'STATUS') return await statusOf(plugin, request, core)
  const opened = await core(request)
  await recoverAttachments(opened).catch((error: unknown) => { warn(`warning: ${error instanceof Error ? error.message : String(error)}`) })
  switch (command) {
    case 'ADD': return formatResult(findUnanswered(opened, request, type) ?? await plugin.add(request, opened), request.version)
    case 'DEL': await plugin.del(request, opened); break
    case 'CHECK': await plugin.check(request, opened); break
    case 'GC': await plugin.gc?.(request, opened, validAttachments(request)); break
  }
  return ''
}

/** What has no number of its own and stands in the way of an ADD is, in the specification's words, a plugin that is not available. */
async function statusOf(plugin: Plugin, request: Request, core: Call['core']): Promise<string> {
  try {
    await plugin.status?.(request, await core(request))
    return ''
  } catch (error) {
    throw unavailable(error)
  }
}

function pluginOf(type: string): Plugin {
  const plugin = findPlugin(type)
  if (plugin !== undefined) return plugin
  throw cniError(cniCodes.invalidNetworkConfig, `no plugin is called "${type.slice(0, 80)}"`, `there are ${pluginNames.join(', ')}`)
}

/** Without the list nothing is taken to be stale: so cnitool calls it. */
function validAttachments({ config }: Request): ValidAttachments {
  const key = ['cni.dev/valid-attachments', 'cni.dev/attachments'].find(name => valueOf(config, name) !== undefined)
  if (key === undefined) return () => true
  const valid = new Set(objectsOf(config, key).map(each => `${stringOf(each, 'containerID') ?? ''}/${stringOf(each, 'ifname') ?? ''}`))
  return ({ containerId, ifname }) => valid.has(`${containerId}/${ifname}`)
}

function usage(program: string): string {
  return `CNI ${basename(program)} plugin of tsnet\nCNI protocol versions supported: ${supportedVersions.join(', ')}\n`
}
