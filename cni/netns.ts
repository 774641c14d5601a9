/** The namespace of a call: that it is one, that it is not the plugin's own, and what is in it. */
import { statSync } from 'node:fs'
import { isErrno } from '../kernel/error.ts'
import { type Kernel, Session } from '../kernel/kernel.ts'
import type { Link } from '../kernel/netlink/link.ts'
import type { Rtnetlink } from '../kernel/netlink/rtnetlink.ts'
import { NSFS_MAGIC, fileSystemType } from '../kernel/syscalls/mount.ts'
import type { CniCore } from './core.ts'
import { cniCodes, cniError } from './error.ts'
import type { Request } from './request.ts'

const invalidNetns = 8

/** @throws code 999 where there is no namespace, 8 where it is the plugin's own */
export function requireNetns(core: CniCore, request: Pick<Request, 'netns' | 'environment'>): string {
  const path = core.netnsOf(request)
  const fail = (reason: string): Error => cniError(cniCodes.other, `failed to open netns "${request.netns}": ${reason}`)
  let type: number
  try {
    type = fileSystemType(path)
  } catch (error) {
    throw fail(isErrno(error, 'ENOENT') ? `failed to Statfs "${request.netns}": no such file or directory` : error instanceof Error ? error.message : String(error))
  }
  if (type !== NSFS_MAGIC) throw fail(`unknown FS magic on "${request.netns}": ${type.toString(16)}`)
  const [theirs, ours] = [statSync(path), statSync('/proc/self/ns/net')]
  if (theirs.ino === ours.ino && theirs.dev === ours.dev && !/^(1|true)$/i.test(request.environment['CNI_NETNS_OVERRIDE'] ?? '')) {
    throw cniError(invalidNetns, `plugin's netns and netns from CNI_NETNS should not be the same`, request.netns)
  }
  return path
}

/** True where CNI_NETNS leads to a namespace; a DEL often has none. */
export function hasNetns(core: CniCore, request: Pick<Request, 'netns'>): boolean {
  if (request.netns === '') return false
  try {
    return fileSystemType(core.netnsOf(request)) === NSFS_MAGIC
  } catch {
    return false
  }
}

/** Calls `look` with a socket into the namespace, which is closed again. */
export function insideNetns<T>(kernel: Kernel, path: string, look: (rtnetlink: Rtnetlink) => T): T {
  using session = new Session(kernel)
  return look(session.rtnetlink(path))
}

export function findLinkInside(kernel: Kernel, path: string, name: string): Link | undefined {
  return insideNetns(kernel, path, rtnetlink => rtnetlink.findLink(name))
}
