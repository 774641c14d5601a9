/**
 * The root file system of each container: the image's layers under a writable one of its own, as folders. Nothing is mounted here; the
 * container's start does it inside the container's own mount namespace, so no mount is ever left behind.
 *
 *     ROOT/containers/ID/root/upper    what the container writes
 *     ROOT/containers/ID/root/work     overlayfs' own
 *     ROOT/containers/ID/root/merged   where the container mounts it; empty for everybody else
 *     ROOT/containers/ID/root/targets  mount targets that the image lacks, see `mount-targets.ts`
 */
import { realpathSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { TsnetError } from '../../errors/error.ts'
import { makeFolder } from '../../kernel/folder.ts'
import { fileSystemType } from '../../kernel/syscalls/mount.ts'
import type { RootFilesystem } from '../init/start-api.ts'
import { containerPaths, type Roots } from '../paths.ts'
import { readAttributes, writeAttributes } from './attributes.ts'
import { type MergedNode, MergedView } from './merged-view.ts'
import { makeMountTargets } from './mount-targets.ts'

export interface PrepareRootRequest {
  readonly containerId: string
  /** Absolute paths of the image's layers, nearest first. */
  readonly layers: readonly string[]
  readonly roots: Roots
}

/** OVL_MAX_STACK: what overlayfs takes below the upper directory (verified: 501 gives EINVAL). */
export const maxLowerLayers = 500

/** statfs(2) magics of file systems that cannot hold an upper directory: no trusted xattrs, or no whiteouts. */
const unfitFileSystems: Readonly<Record<number, string>> = {
  0x794c7630: 'overlay', 0x6969: 'nfs', 0x517b: 'smb', 0xff534d42: 'cifs', 0xfe534d42: 'smb3', 0x4d44: 'vfat', 0x2011bab0: 'exfat',
  0x5346544e: 'ntfs', 0x7366746e: 'ntfs3', 0x65735546: 'fuse', 0x01021997: '9p', 0x137d: 'ext', 0x9660: 'iso9660', 0x73717368: 'squashfs',
}

/**
 * Makes the folders. What an earlier, dead attempt left under the same id is used again.
 * @throws kernel-feature-missing for too many layers, or a file system that overlayfs cannot write to
 */
export function prepareRoot({ containerId, layers, roots }: PrepareRootRequest): RootFilesystem {
  const folder = rootFolder(roots, containerId)
  const [upper, work, target, targets] = ['upper', 'work', 'merged', 'targets'].map(name => join(folder, name))
  if (upper === undefined || work === undefined || target === undefined || targets === undefined) throw new TypeError('four names')
  for (const path of [upper, work, target, targets]) makeFolder(path, 0o755)
  requireFitFileSystem(upper)
  const [nearest] = layers
  if (nearest !== undefined) writeAttributes(Buffer.from(upper), readAttributes(Buffer.from(nearest)))
  const lowers = makeMountTargets(new MergedView(layers), targets) || nearest === undefined ? [targets, ...layers] : layers
  if (lowers.length > maxLowerLayers) {
    throw new TsnetError('kernel-feature-missing', `prepare root of container "${containerId.slice(0, 12)}": the image has ${layers.length} layers, `
      + `overlayfs takes at most ${maxLowerLayers}`, { data: { layers: layers.length } })
  }
  return { kind: 'overlay', lowers, upper, work, target }
}

/** `--rootfs DIR`: runs straight from the directory, which is not copied and not protected. @throws rootfs-not-found */
export function directoryRoot(path: string): RootFilesystem {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new TsnetError('rootfs-not-found', `use root file system "${path}": there is no such directory`, { data: { path } })
  }
  return { kind: 'directory', path: realpathSync(path) }
}

/** Removes a container's writable layer; absent is success. */
export function removeRoot(roots: Roots, containerId: string): void {
  rmSync(rootFolder(roots, containerId), { recursive: true, force: true })
}

/** Bytes of the files that the container wrote; 0 without a writable layer. */
export function writtenBytes(roots: Roots, containerId: string): number {
  return filesBelow(join(rootFolder(roots, containerId), 'upper'))
}

/** What a container will see before anything is mounted. */
export function viewOf(root: RootFilesystem): MergedView {
  return new MergedView(root.kind === 'directory' ? [root.path] : [root.upper, ...root.lowers])
}

function filesBelow(folder: string): number {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return 0
  const view = new MergedView([folder])
  const linked = new Set<number>()
  const bytesOf = (node: MergedNode): number => {
    if (node.kind === 'directory') return [...view.children(node)].reduce((sum, [, child]) => sum + bytesOf(child), 0)
    const { ino, nlink, size } = node.stat
    if (!node.stat.isFile() || linked.has(ino)) return 0
    if (nlink > 1) linked.add(ino)
    return size
  }
  const root = view.lookup('/')
  return root === undefined ? 0 : bytesOf(root)
}

function rootFolder(roots: Roots, containerId: string): string {
  return join(containerPaths(roots, containerId).directory, 'root')
}

function requireFitFileSystem(path: string): void {
  const name = unfitFileSystems[fileSystemType(path) >>> 0]
  if (name === undefined) return
  throw new TsnetError('kernel-feature-missing', `prepare root in "${path}": overlayfs cannot keep a container's files on ${name}; `
    + 'choose a state folder on ext4, xfs, btrfs or tmpfs (TSNET_ROOT)', { data: { path, fileSystem: name } })
}
