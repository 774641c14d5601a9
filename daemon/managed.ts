/**
 * `tsnet serve` as a managed plugin: in a container of dockerd's making, in the host's network, with /proc/sys read-only as in any container.
 * The settings of networks are there, so the read-only mount is taken off, inside this container alone.
 */
import { accessSync, constants } from 'node:fs'
import { MNT_DETACH, umount2 } from '../kernel/syscalls/mount.ts'

/** @throws kernel-error without CAP_SYS_ADMIN */
export function makeSysctlsWritable(): void {
  try {
    accessSync('/proc/sys/net/ipv4/ip_forward', constants.W_OK)
  } catch {
    umount2('/proc/sys', MNT_DETACH)
  }
}
