/**
 * `USER[:GROUP]` of `--user` and of images, by the /etc/passwd and /etc/group of the container's root.
 *
 * Names and numbers may be mixed; a name wins over a number that spells it. Supplementary groups are those that list the user, and only
 * when no group is given. The primary group is one of them, so that a set-group-ID program does not lose it and with it what is forbidden to
 * that group (CVE-2022-36109). The files are read without leaving the root, whatever links the image has.
 * Source: image-spec config.md "User"; moby's user package (GetExecUser).
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { TsnetError } from '../errors/error.ts'
import { isErrno } from '../kernel/error.ts'
import { RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS, openat2 } from '../kernel/syscalls/descriptor.ts'
import type { RootFilesystem } from './init/start-api.ts'
import { viewOf } from './rootfs/container-root.ts'
import type { ProcessUser } from './spec/build-spec.ts'

interface PasswdEntry { readonly name: string, readonly uid: number, readonly gid: number, readonly home: string }
interface GroupEntry { readonly name: string, readonly gid: number, readonly members: readonly string[] }

/** Larger than any real one; what is beyond is not read. */
const maxFileBytes = 8 * 1024 * 1024
/** uid_t without (uid_t)-1, which means "leave as it is". */
const maxId = 0xffff_fffe

/** @throws user-not-found for a name that is in neither file, invalid-argument for what is no user */
export function resolveUser(root: RootFilesystem, user: string): ProcessUser {
  const colon = user.indexOf(':')
  const [wanted, wantedGroup] = colon < 0 ? [user, ''] : [user.slice(0, colon), user.slice(colon + 1)]
  const passwd = parsePasswd(readFile(root, '/etc/passwd'))
  const entry = findUser(passwd, wanted === '' ? '0' : wanted)
  const number = idOf(wanted === '' ? '0' : wanted)
  if (entry === undefined && number === undefined) throw notFound(user, `user "${wanted}" is not in /etc/passwd of the container`)
  const uid = entry?.uid ?? number ?? 0
  const home = entry?.home ?? '/'
  const groups = parseGroup(readFile(root, '/etc/group'))
  if (wantedGroup !== '') {
    const gid = findGroup(groups, wantedGroup, user)
    return { uid, gid, additionalGids: [gid], home }
  }
  const gid = entry?.gid ?? 0
  const listed = entry === undefined ? [] : groups.filter(group => group.members.includes(entry.name)).map(group => group.gid)
  return { uid, gid, additionalGids: [...new Set([gid, ...listed])], home }
}

function findUser(passwd: readonly PasswdEntry[], wanted: string): PasswdEntry | undefined {
  return passwd.find(entry => entry.name === wanted) ?? passwd.find(entry => entry.uid === idOf(wanted))
}

function findGroup(groups: readonly GroupEntry[], wanted: string, user: string): number {
  const gid = groups.find(group => group.name === wanted)?.gid ?? idOf(wanted)
  if (gid === undefined) throw notFound(user, `group "${wanted}" is not in /etc/group of the container`)
  return gid
}

function idOf(text: string): number | undefined {
  return /^[0-9]{1,10}$/.test(text) && Number(text) <= maxId ? Number(text) : undefined
}

/** Lines that are malformed are passed over, as libc does. */
function parsePasswd(text: string): readonly PasswdEntry[] {
  return lines(text).flatMap(([name = '', , uid = '', gid = '', , home = '']) => {
    const [user, group] = [idOf(uid), idOf(gid)]
    return user === undefined || group === undefined ? [] : [{ name, uid: user, gid: group, home }]
  })
}

function parseGroup(text: string): readonly GroupEntry[] {
  return lines(text).flatMap(([name = '', , gid = '', members = '']) => {
    const group = idOf(gid)
    return group === undefined ? [] : [{ name, gid: group, members: members.split(',').map(member => member.trim()) }]
  })
}

function lines(text: string): readonly (readonly string[])[] {
  return text.split('\n').map(line => line.trim()).filter(line => line !== '' && !line.startsWith('#')).map(line => line.split(':'))
}

/** Empty where the root has no such regular file. */
function readFile(root: RootFilesystem, path: string): string {
  const fd = root.kind === 'directory' ? openBelow(root.path, path) : openMerged(root, path)
  if (fd === undefined) return ''
  try {
    return fstatSync(fd).isFile() ? readAtMost(fd, maxFileBytes).toString('utf8') : ''
  } finally {
    closeSync(fd)
  }
}

/** A directory may change meanwhile, as a running container's root does: the kernel resolves the path inside it. */
function openBelow(directory: string, path: string): number | undefined {
  const root = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    return openat2(root, path, { flags: readFlags & ~constants.O_NOFOLLOW, resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS })
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EACCES')) return undefined
    throw error
  } finally {
    closeSync(root)
  }
}

function openMerged(root: RootFilesystem, path: string): number | undefined {
  const node = viewOf(root).lookup(path)
  return node?.kind === 'other' && node.stat.isFile() ? openSync(node.path, readFlags) : undefined
}

/** Neither waits for the other end of a fifo nor follows a link put there meanwhile. */
const readFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY

function readAtMost(fd: number, max: number): Buffer {
  const size = Math.min(fstatSync(fd).size, max)
  const buffer = Buffer.alloc(size)
  return buffer.subarray(0, readSync(fd, buffer, 0, size, 0))
}

function notFound(user: string, reason: string): TsnetError {
  return new TsnetError('user-not-found', `find user "${user}": ${reason}`, { data: { user } })
}
