/**
 * /proc/sys of this kernel, through an instance of procfs of our own.
 *
 * The kernel caches names under /proc/sys/net for each network namespace, and all of them in one folder: whoever looks one up goes through
 * those of every namespace that anybody has asked about in the same instance of procfs (fs/proc/proc_sysctl.c, proc_sys_compare), until these
 * namespaces are gone. On a host with a thousand containers that is 0.1 ms a name. A fresh instance knows no names, and leaves the host's /proc
 * as fast as it was for everybody. Making one takes 10 µs, closing it 35.
 */
import { TsnetError } from '../errors/error.ts'
import { close } from './syscalls/descriptor.ts'
import { detachedMount } from './syscalls/mount.ts'

/** After so many names an instance has itself become one of many namespaces. */
const LOOKUPS = 500

export class Sysctls {
  #root: number | undefined
  #lookups = 0

  /** A path to the setting, for the next synchronous call; `net/…` is that of the namespace of whoever opens it. */
  pathOf(key: string): string {
    if (this.#lookups === 0) this.#renew()
    this.#lookups = (this.#lookups + 1) % LOOKUPS
    return this.#root === undefined ? hostPath(key) : `/proc/self/fd/${this.#root}/sys/${key}`
  }

  /** The next use opens it again. */
  close(): void {
    if (this.#root !== undefined) close(this.#root)
    this.#root = undefined
    this.#lookups = 0
  }

  /** Before Linux 5.2, and without CAP_SYS_ADMIN, the host's has to do. */
  #renew(): void {
    try {
      const fresh = detachedMount('proc')
      this.close()
      this.#root = fresh
    } catch (error) {
      if (!(error instanceof TsnetError)) throw error
    }
  }
}

/** Of the host itself: what an administrator has made read-only stays so. */
export function hostPath(key: string): string {
  return `/proc/sys/${key}`
}
