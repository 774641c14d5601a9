/**
 * IPAM by another plugin, of ours or of somebody else's: found in CNI_PATH, started with the same environment and the whole
 * configuration, as the specification says. Ours is not started but called, in the same transaction as the record that needs the address.
 *
 * `host-local` and `static` are ours where the file of that name in CNI_PATH is, and where there is none.
 */
import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { run } from '../../kernel/exec.ts'
import type { CniCore, CniTransaction } from '../core.ts'
import { cniCodes, cniError } from '../error.ts'
import { integerOf, isObject, objectOf, stringOf } from '../fields.ts'
import type { ValidAttachments } from '../plugin.ts'
import type { Command, Environment, Request } from '../request.ts'
import { type CniResult, emptyResult, parseResult } from '../result.ts'
import { allocateHostLocal, gcHostLocal, hasLease, poolOf, releaseHostLocal, requireFree } from './host-local.ts'
import { leaseFolder, parseHostLocal } from './host-local-config.ts'
import { ownPrograms } from './own-programs.ts'
import { parseStatic } from './static.ts'

export interface Ipam {
  /** What may take its time: an ADD of somebody else's plugin. */
  prepare(): Promise<void>
  /** The addresses, inside the transaction that writes the record. */
  allocate(tx: CniTransaction): CniResult
  /** Keys of our pools that the addresses come from. */
  readonly pools: readonly string[]
  /** Takes `prepare` back. */
  undo(): Promise<void>
  release(core: CniCore): Promise<void>
  check(core: CniCore): Promise<void>
  /** Throws what stands in the way of an ADD: a configuration, or a pool that has no more addresses. */
  status(core: CniCore): Promise<void>
  gc(core: CniCore, valid: ValidAttachments): Promise<void>
}

/** Undefined where the configuration names none. `builtin`: ours goes before any file. @throws where there is no plugin of that name */
export function openIpam(request: Request, { builtin = false }: { readonly builtin?: boolean } = {}): Ipam | undefined {
  const type = stringOf(objectOf(request.config, 'ipam') ?? {}, 'type') ?? ''
  if (type === '') return undefined
  const file = findPlugin(request, type)
  const isBuiltin = type === 'host-local' || type === 'static'
  if (isBuiltin && (builtin || file === undefined || isOwn(file))) return type === 'static' ? staticIpam(request) : hostLocalIpam(request)
  if (file === undefined) {
    if (request.command === 'DEL') return undefined
    throw cniError(cniCodes.other, `failed to find plugin "${type.slice(0, 80)}" in path [${request.path.join(' ')}]`)
  }
  return foreignIpam(request, file)
}

/** A regular file, links followed; a name with a slash is none. */
function findPlugin({ path }: Request, type: string): string | undefined {
  if (type.includes('/')) throw cniError(cniCodes.other, `invalid plugin name: ${type.slice(0, 80)}`)
  return path.map(folder => join(folder, type)).find(file => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
}

function isOwn(file: string): boolean {
  return existsSync(file) && ownPrograms.includes(basename(realpathSync(file)))
}

const nothing = (): Promise<void> => Promise.resolve()

function hostLocalIpam(request: Request): Ipam {
  const pool = poolOf(leaseFolder(request))
  return {
    prepare: nothing,
    allocate: tx => allocateHostLocal(tx, request, parseHostLocal(request)),
    pools: [pool],
    undo: nothing,
    release: async core => { core.write(tx => releaseHostLocal(tx, request)) },
    check: async core => {
      if (!core.write(tx => hasLease(tx, request))) {
        throw cniError(cniCodes.other, `host-local: Failed to find address added by container ${request.containerId}`)
      }
    },
    status: async core => { requireFree(core, request) },
    gc: async (core, valid) => { core.write(tx => gcHostLocal(tx, request, valid)) },
  }
}

function staticIpam(request: Request): Ipam {
  return {
    prepare: nothing, allocate: () => parseStatic(request), pools: [], undo: nothing, release: nothing, check: nothing, gc: nothing,
    status: async () => { parseStatic(request) },
  }
}

function foreignIpam(request: Request, file: string): Ipam {
  let result: CniResult | undefined
  const call = async (command: Command): Promise<CniResult> => callPlugin(request, file, command)
  return {
    async prepare() {
      try {
        result = await call('ADD')
      } catch (error) {
        await call('DEL').catch(() => undefined)
        throw error
      }
    },
    allocate: () => result ?? emptyResult,
    pools: [],
    undo: async () => { if (result !== undefined) await call('DEL') },
    release: async () => { await call('DEL') },
    check: async () => { await call('CHECK') },
    status: async () => { await call('STATUS') },
    gc: async () => { await call('GC') },
  }
}

/** Only an ADD is asked for a result. @throws with the code and message that the plugin gave */
async function callPlugin({ environment, stdin }: Request, file: string, command: Command): Promise<CniResult> {
  const { status, stdout, stderr } = await start(file, stdin, { ...environment, CNI_COMMAND: command })
  if (stderr !== '') process.stderr.write(stderr)
  const answer = parseAnswer(stdout)
  if (status !== 0) {
    throw cniError(integerOf(answer ?? {}, 'code') ?? cniCodes.other,
      stringOf(answer ?? {}, 'msg') ?? `plugin ${file} ended with status ${status}: ${lastWords(stderr, stdout)}`, stringOf(answer ?? {}, 'details'))
  }
  if (command !== 'ADD') return emptyResult
  if (answer === undefined) throw cniError(cniCodes.decodingFailure, `plugin ${file} printed no result: ${lastWords(stdout)}`)
  return parseResult(answer)
}

async function start(file: string, stdin: string, env: Environment) {
  try {
    return await run([file], { stdin, env })
  } catch (error) {
    throw cniError(cniCodes.other, `plugin ${file} cannot be executed: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function lastWords(...texts: readonly string[]): string {
  return texts.map(text => text.trim()).find(text => text !== '')?.slice(-200) ?? 'it said nothing'
}

function parseAnswer(text: string) {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
