/**
 * The kernel as the families see it: the host's rtnetlink socket, opened at first use and kept, and sockets into namespaces, which
 * live only as long as one operation: a socket holds its namespace, and a held namespace is never freed.
 */
import type { KernelObserver } from '../objects/family.ts'
import { isErrno } from './error.ts'
import { Rtnetlink } from './netlink/rtnetlink.ts'
import { Sysctls } from './sysctls.ts'

export interface Kernel {
  readonly observe: KernelObserver
  /** Links, addresses and routes of the namespace this process runs in. Not to be called for the first time inside `inNetns`. */
  rtnetlink(): Rtnetlink
  readonly sysctls: Sysctls
  /** Closes what was opened; a later use opens it again. */
  close(): void
}

export interface KernelOptions {
  /** Told of every changing call before it is made. */
  readonly observer?: KernelObserver
}

export function openKernel({ observer = () => {} }: KernelOptions = {}): Kernel {
  let host: Rtnetlink | undefined
  const sysctls = new Sysctls()
  return {
    observe: observer,
    rtnetlink: () => host ??= new Rtnetlink(observer),
    sysctls,
    close() {
      sysctls.close()
      host?.close()
      host = undefined
    },
  }
}

/** One operation's sockets: the host's is the kernel's, those into namespaces are closed with the session. */
export class Session implements Disposable {
  readonly #kernel: Kernel
  readonly #sockets = new Map<string, Rtnetlink>()

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  observe(call: string): void {
    this.#kernel.observe(call)
  }

  get sysctls(): Sysctls {
    return this.#kernel.sysctls
  }

  /** @throws kernel-error ENOENT or EINVAL where there is no namespace at `netns` */
  rtnetlink(netns?: string): Rtnetlink {
    if (netns === undefined) return this.#kernel.rtnetlink()
    const open = this.#sockets.get(netns) ?? new Rtnetlink(call => this.#kernel.observe(call), netns)
    this.#sockets.set(netns, open)
    return open
  }

  /** As `rtnetlink`, undefined where there is no namespace at `netns`, and so nothing in it. */
  findRtnetlink(netns?: string): Rtnetlink | undefined {
    try {
      return this.rtnetlink(netns)
    } catch (error) {
      // EINVAL: the file is there, but no namespace is mounted on it.
      if (isErrno(error, 'ENOENT', 'EINVAL')) return undefined
      throw error
    }
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets.values()) socket.close()
    this.#sockets.clear()
  }
}
