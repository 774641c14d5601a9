/**
 * Sysctls, on the host or in a namespace. Twin: `sysctl -w KEY=VALUE`.
 *
 * /proc/sys/net shows the settings of the namespace of whoever opens the file, hence the synchronous write inside `inNetns`.
 * Removal does nothing: the setting goes with its link or namespace, or is one that stays on purpose (`keep`).
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { TsnetError } from '../../errors/error.ts'
import type { SysctlObject } from '../../objects/object.ts'
import { isErrno, kernelError } from '../error.ts'
import { inNetns } from '../netns.ts'
import type { Session } from '../kernel.ts'
import { hostPath } from '../sysctls.ts'
import { type LinkKind, inside } from './kind.ts'
import { keepAdvertisements, keepAdvertisementsCommand, startsForwarding } from './router-advertisements.ts'

export const sysctlKind: LinkKind<SysctlObject> = {
  create(sysctl, session) {
    try {
      return inNetns(sysctl.netns, () => {
        if (read(sysctl, session) === sysctl.value) return false
        if (startsForwarding(sysctl)) keepAdvertisements(session)
        session.observe(`sysctl ${sysctl.key}=${sysctl.value}`)
        writeFileSync(writtenBy(sysctl, session), sysctl.value)
        return true
      })
    } catch (error) {
      if (sysctl.optional === true && isErrno(error, 'ENOENT')) return false
      if (isErrno(error, 'EROFS')) throw readOnly(sysctl, error)
      throw error instanceof Error && 'errno' in error && typeof error.errno === 'number'
        ? kernelError('sysctl', -error.errno, { detail: `${sysctl.key}=${sysctl.value}` }) : error
    }
  },

  remove() {},

  exists(sysctl, session) {
    const value = readInside(sysctl, session)
    return value === undefined ? sysctl.optional === true : value === sysctl.value
  },

  describe(sysctl) {
    const { key, value, netns } = sysctl
    const set = `${inside(netns)}sysctl -w ${/\s/.test(value) ? `'${key}=${value}'` : `${key}=${value}`}`
    return startsForwarding(sysctl) ? [keepAdvertisementsCommand, set] : [set]
  },
}

function readOnly({ key, value }: SysctlObject, cause: unknown): TsnetError {
  return new TsnetError('kernel-error', `sysctl ${key}=${value}: /proc/sys is mounted read-only; in a container, have it mounted writable there (for Docker: --privileged)`,
    { cause, data: { call: 'sysctl', errno: 'EROFS' } })
}

/** The present value; undefined where the file or the namespace is absent. */
function readInside(sysctl: SysctlObject, session: Session): string | undefined {
  try {
    return inNetns(sysctl.netns, () => read(sysctl, session))
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'EINVAL')) return undefined
    throw error
  }
}

/** As the thread's namespace has it, its numbers parted by single spaces (the kernel prints tabs). */
function read({ key }: SysctlObject, session: Session): string | undefined {
  try {
    return readFileSync(session.sysctls.pathOf(key), 'utf8').trim().replaceAll(/\s+/g, ' ')
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'EINVAL')) return undefined
    throw error
  }
}

function writtenBy({ key, netns }: SysctlObject, session: Session): string {
  return netns === undefined ? hostPath(key) : session.sysctls.pathOf(key)
}
