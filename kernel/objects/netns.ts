/**
 * Named network namespaces: the nsfs file of a new namespace, bind-mounted at a path. Twin: `ip netns add`.
 *
 * Where the folder's mount is shared (systemd makes all shared), other mount namespaces see the new mount; where it is private, as in a
 * container, only processes of this mount namespace do. `ip netns` mounts its folder over itself to make it shared; that would
 * stay behind after the last namespace, so it is not done here. unlink(2) works even while copies of the mount exist
 * elsewhere (Linux 3.18).
 */
import { closeSync, existsSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { NetnsObject } from '../../objects/object.ts'
import { isErrno } from '../error.ts'
import { makeFolder } from '../folder.ts'
import { withOwnNetns } from '../netns.ts'
import { MNT_DETACH, MS_BIND, NSFS_MAGIC, fileSystemType, mount, umount2 } from '../syscalls/mount.ts'
import { CLONE_NEWNET, unshare } from '../syscalls/namespace.ts'
import type { LinkKind } from './kind.ts'

export const netnsKind: LinkKind<NetnsObject> = {
  create({ path }, session) {
    if (isNetns(path)) return false
    session.observe(`unshare CLONE_NEWNET ${path}`)
    makeFolder(dirname(path), 0o755)
    closeSync(openSync(path, 'a', 0o444))
    try {
      withOwnNetns(() => {
        unshare(CLONE_NEWNET)
        mount({ source: '/proc/self/ns/net', target: path, flags: MS_BIND })
      })
    } catch (error) {
      rmSync(path, { force: true })
      throw error
    }
    return true
  },

  remove({ path }, session) {
    if (!existsSync(path)) return
    session.observe(`umount ${path}`)
    try {
      umount2(path, MNT_DETACH)
    } catch (error) {
      // EINVAL: the file is there, but nothing is mounted on it.
      if (!isErrno(error, 'EINVAL', 'ENOENT')) throw error
    }
    rmSync(path, { force: true })
  },

  exists: ({ path }) => isNetns(path),

  describe: ({ path }) => [`mkdir -p ${dirname(path)}`, `touch ${path}`, `unshare --net=${path} true`],
}

/** True where a namespace file is mounted at the path. */
function isNetns(path: string): boolean {
  return existsSync(path) && fileSystemType(path) === NSFS_MAGIC
}
