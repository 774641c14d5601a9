/**
 * Sysctls, on the host or in a namespace. Twin: `sysctl -w KEY=VALUE`.
 *
 * /proc/sys/net shows the settings of the namespace of whoever opens the file, hence the synchronous write inside `inNetns`.
 * Removal does nothing: the setting goes with its link or namespace, or is one that stays on purpose (`keep`).
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SysctlObject } from '../../objects/object.ts'
import { isErrno, kernelError } from '../error.ts'
import { inNetns } from '../netns.ts'
import { type LinkKind, inside } from './kind.ts'

export const sysctlKind: LinkKind<SysctlObject> = {
  create(sysctl, session) {
    if (read(sysctl) === sysctl.value) return false
    session.observe(`sysctl ${sysctl.key}=${sysctl.value}`)
    try {
      inNetns(sysctl.netns, () => writeFileSync(pathOf(sysctl), sysctl.value))
      return true
    } catch (error) {
      if (sysctl.optional === true && isErrno(error, 'ENOENT')) return false
      throw error instanceof Error && 'errno' in error && typeof error.errno === 'number'
        ? kernelError('sysctl', -error.errno, { detail: `${sysctl.key}=${sysctl.value}` }) : error
    }
  },

  remove() {},

  exists(sysctl) {
    const value = read(sysctl)
    return value === undefined ? sysctl.optional === true : value === sysctl.value
  },

  describe: ({ key, value, netns }) => [`${inside(netns)}sysctl -w ${/\s/.test(value) ? `'${key}=${value}'` : `${key}=${value}`}`],
}

/** The present value, its numbers parted by single spaces (the kernel prints tabs); undefined where the file or the namespace is absent. */
function read(sysctl: SysctlObject): string | undefined {
  try {
    return inNetns(sysctl.netns, () => readFileSync(pathOf(sysctl), 'utf8')).trim().replaceAll(/\s+/g, ' ')
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'EINVAL')) return undefined
    throw error
  }
}

function pathOf({ key }: SysctlObject): string {
  return join('/proc/sys', key)
}
