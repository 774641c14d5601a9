/** The versions of the CNI specification, and which command came with which. */
import { cniCodes, cniError } from './error.ts'

export const supportedVersions = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const
export type CniVersion = typeof supportedVersions[number]

/** The version of a configuration; absent and empty are 0.1.0. @throws code 1 for one that is not supported */
export function checkVersion(version: string | undefined, supported: readonly CniVersion[] = supportedVersions): CniVersion {
  const wanted = version === undefined || version === '' ? '0.1.0' : version
  const found = supported.find(candidate => candidate === wanted)
  if (found !== undefined) return found
  throw cniError(cniCodes.incompatibleVersion, 'incompatible CNI versions',
    `config is "${wanted.slice(0, 80)}", plugin supports [${supported.map(each => `"${each}"`).join(' ')}]`)
}

/** True where `version` is `other` or a later one. */
export function isAtLeast(version: CniVersion, other: CniVersion): boolean {
  return supportedVersions.indexOf(version) >= supportedVersions.indexOf(other)
}
