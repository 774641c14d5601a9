/**
 * `tsnet cni install DIR`: the thin client under tsnet-cni-client, and a link for each plugin; a file of another program is left alone, or kept
 * under another name.
 *
 * Everything is replaced by a rename, so that a call at that very moment finds the old plugin or the new one.
 */
import { existsSync, linkSync, lstatSync, mkdirSync, readFileSync, readlinkSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { TsnetError, isTsnetError } from '../errors/error.ts'
import { folderReason } from '../errors/file-reason.ts'
import { type ClientOptions, clientImage, clientWords } from './client/program.ts'
import { ownPrograms } from './ipam/own-programs.ts'
import { pluginNames } from './plugin-names.ts'

export interface InstallOptions {
  readonly folder: string
  /** Absolute path of bin/tsnet-cni. */
  readonly standalone: string
  /** Path of the server's socket; absent: links to the standalone executable, and no thin client. */
  readonly socket?: string
  /** What `standalone` works on when the thin client becomes it: that of the server; absent: its default. */
  readonly roots?: ClientOptions['roots']
  /** Default: all. */
  readonly plugins?: readonly string[]
  /** Replace files of other programs too; each is kept as NAME.before-tsnet, or NAME.before-tsnet.2 where that is there, and so on. */
  readonly replace?: boolean
}

export interface Installed {
  /** Names of what there is now. */
  readonly written: readonly string[]
  /** Paths of folders that were not there. */
  readonly folders: readonly string[]
  /** Paths of other programs' files, and where they are now. */
  readonly kept: readonly { readonly path: string, readonly as: string }[]
}

const client = 'tsnet-cni-client'

/** @throws file-exists, invalid-argument, platform-unsupported; nothing is replaced then but what could be */
export function installCni(options: InstallOptions): Installed {
  const { folder, standalone, socket, roots, plugins = ['tsnet'], replace = false } = options
  const unknown = plugins.find(name => !pluginNames.some(each => each === name))
  if (unknown !== undefined) throw new TsnetError('invalid-argument', `install CNI plugins: there is no "${unknown.slice(0, 80)}"; there are ${pluginNames.join(', ')}`)
  const image = socket === undefined ? undefined : imageOf({ socket, standalone, ...roots === undefined ? {} : { roots } })
  try {
    const folders = makeFolders(folder)
    const names = [...image === undefined ? [] : [client], ...plugins]
    const foreign = names.map(name => join(folder, name)).filter(isForeign)
    refuse(foreign, { standalone, replace })
    const kept = foreign.map(path => ({ path, as: keep(path) }))
    if (image !== undefined) putFile(join(folder, client), path => { writeFileSync(path, image, { mode: 0o755 }) })
    const target = image === undefined ? standalone : client
    for (const name of plugins) putLink(join(folder, name), target)
    return { written: names, folders, kept }
  } catch (cause) {
    if (isTsnetError(cause) || !(cause instanceof Error)) throw cause
    throw new TsnetError('invalid-argument', `install CNI plugins into "${folder}": ${folderReason(cause)}`, { cause })
  }
}

function imageOf(options: ClientOptions): Uint8Array {
  if (process.arch !== 'x64' && process.arch !== 'arm64') throw new TsnetError('platform-unsupported', `install CNI plugins: no client for ${process.arch}`)
  try {
    return clientImage(process.arch, options)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new TsnetError('invalid-argument', `install CNI plugins: ${cause.message}`, { cause })
  }
}

/** One after the other: Node's own way of making several does not end under /proc. @throws file-exists */
function makeFolders(folder: string): readonly string[] {
  if (existsSync(folder)) {
    if (lstatSync(realpathSync(folder)).isDirectory()) return []
    throw new TsnetError('file-exists', `install CNI plugins: "${folder}" is a file and no folder`)
  }
  const above = dirname(folder) === folder ? [] : makeFolders(dirname(folder))
  mkdirSync(folder, { mode: 0o755 })
  return [...above, folder]
}

/** @throws file-exists for a file of another program without `replace`, and always for the command tsnet itself */
function refuse(foreign: readonly string[], { standalone, replace }: { readonly standalone: string, readonly replace: boolean }): void {
  const itself = join(dirname(standalone), 'tsnet')
  const command = foreign.find(path => existsSync(path) && realpathSync(path) === realpathSync(itself))
  if (command !== undefined) {
    throw new TsnetError('file-exists', `install CNI plugins: "${command}" is the command tsnet itself; plugins have a folder of their own, such as /opt/cni/bin`)
  }
  const [first] = foreign
  if (first === undefined || replace) return
  throw new TsnetError('file-exists', `install CNI plugins: "${first}" is another program's; --replace keeps it as ${basename(nameToKeep(first))}`)
}

function isForeign(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return false
  if (basename(path) === client) return !found.isFile() || !readFileSync(path).includes(clientWords)
  return !found.isSymbolicLink() || !ownPrograms.includes(basename(readlinkSync(path)))
}

/** A second name, where it can have one: the first stays until it is replaced. */
function keep(path: string): string {
  const as = nameToKeep(path)
  if (lstatSync(path).isFile()) linkSync(path, as)
  else renameSync(path, as)
  return as
}

function nameToKeep(path: string): string {
  const name = (count: number): string => `${path}.before-tsnet${count === 1 ? '' : `.${count}`}`
  let count = 1
  while (lstatSync(name(count), { throwIfNoEntry: false }) !== undefined) count++
  return name(count)
}

function putLink(path: string, target: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && readlinkSync(path) === target) return
  putFile(path, unfinished => { symlinkSync(target, unfinished) })
}

function putFile(path: string, write: (unfinished: string) => void): void {
  const unfinished = `${path}.${process.pid}`
  try {
    write(unfinished)
    renameSync(unfinished, path)
  } finally {
    rmSync(unfinished, { force: true })
  }
}
