/** Namespaces: unshare(2), setns(2). They act on the calling thread alone; see `netns.ts` for the only safe way to use them here. */
import { syscall } from '../syscall.ts'

export const CLONE_NEWNS = 0x0002_0000
export const CLONE_NEWCGROUP = 0x0200_0000
export const CLONE_NEWUTS = 0x0400_0000
export const CLONE_NEWIPC = 0x0800_0000
export const CLONE_NEWUSER = 0x1000_0000
export const CLONE_NEWPID = 0x2000_0000
export const CLONE_NEWNET = 0x4000_0000

/** Twin: unshare(1). */
export function unshare(flags: number): void {
  syscall('unshare', [flags])
}

/** Twin: nsenter(1). `detail` is the namespace's path, for the error. */
export function setns(fd: number, type: number, detail: string): void {
  syscall('setns', [fd, type], { detail })
}
