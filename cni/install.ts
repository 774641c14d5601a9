/**
 * `tsnet cni install DIR`: the thin client under tsnet-cni-client, and a link for each plugin; a file of another program is left alone.
 *
 * A link is replaced by a rename, so that a call at that very moment finds the old plugin or the new one.
 */
import { existsSync, lstatSync, mkdirSync, readlinkSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { TsnetError } from '../errors/error.ts'
import { clientImage } from './client/program.ts'
import { ownPrograms } from './ipam/own-programs.ts'
import { pluginNames } from './plugin-names.ts'

export interface InstallOptions {
  readonly folder: string
  /** Absolute path of bin/tsnet-cni. */
  readonly standalone: string
  /** Path of the server's socket; absent: links to the standalone executable, and no thin client. */
  readonly socket?: string
  /** Default: all. */
  readonly plugins?: readonly string[]
  /** Replace files of other programs too; each is kept as NAME.before-tsnet. */
  readonly replace?: boolean
}

/** @returns what was written, by name @throws file-exists, invalid-argument, platform-unsupported */
export function installCni({ folder, standalone, socket, plugins = ['tsnet'], replace = false }: InstallOptions): readonly string[] {
  const unknown = plugins.find(name => !pluginNames.some(each => each === name))
  if (unknown !== undefined) throw new TsnetError('invalid-argument', `install CNI plugins: there is no "${unknown.slice(0, 80)}"; there are ${pluginNames.join(', ')}`)
  makeFolder(folder)
  const foreign = plugins.map(name => join(folder, name)).filter(isForeign)
  const [first] = foreign
  if (first !== undefined && !replace) {
    throw new TsnetError('file-exists', `install CNI plugins: "${first}" is another program's; --replace keeps it as ${basename(first)}.before-tsnet`)
  }
  for (const path of foreign) renameSync(path, `${path}.before-tsnet`)
  const client = join(folder, 'tsnet-cni-client')
  const target = socket === undefined ? standalone : basename(client)
  if (socket !== undefined) writeClient(client, { socket, standalone })
  for (const name of plugins) putLink(join(folder, name), target)
  return socket === undefined ? plugins : ['tsnet-cni-client', ...plugins]
}

/** @throws file-exists, kernel-error */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 })
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      throw new TsnetError('file-exists', `install CNI plugins: "${folder}" is, or is below, a file and no folder`, { cause })
    }
    throw new TsnetError('kernel-error', `install CNI plugins: make folder "${folder}": ${String(code)}`, { cause })
  }
}

function isForeign(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return false
  return !found.isSymbolicLink() || !ownPrograms.includes(basename(readlinkSync(path)))
}

function writeClient(path: string, options: { readonly socket: string, readonly standalone: string }): void {
  if (process.arch !== 'x64' && process.arch !== 'arm64') throw new TsnetError('platform-unsupported', `install CNI plugins: no client for ${process.arch}`)
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, clientImage(process.arch, options), { mode: 0o755 })
  renameSync(unfinished, path)
}

function putLink(path: string, target: string): void {
  if (existsSync(path) && lstatSync(path).isSymbolicLink() && readlinkSync(path) === target) return
  const unfinished = `${path}.${process.pid}`
  symlinkSync(target, unfinished)
  renameSync(unfinished, path)
}
