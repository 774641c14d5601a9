/**
 * The folder of the reference plugin host-local: one file for each address, `DATADIR/NETWORK/ADDRESS`, with the container's id and the
 * interface's name. It is read when it has changed since it was last read, so that a running node can be switched over, and back
 * and forth; tsnet's own addresses are in its store alone.
 *
 * Files from before the machine's start are of containers that are gone: they are left out, and so their addresses come free.
 */
import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalIp, isIp } from '../../address/ip.ts'

export interface LeaseFile { readonly address: string, readonly holder: string, readonly file: string }

/** When the folder last changed, as text; undefined where there is none. */
export function leaseFolderVersion(folder: string): string | undefined {
  return statSync(folder, { bigint: true, throwIfNoEntry: false })?.mtimeNs.toString()
}

/** The addresses that the files of this boot hold. Old files have no interface's name. */
export function readLeaseFiles(folder: string): readonly LeaseFile[] {
  // A second's grace: the two clocks are not read at once.
  const bootMs = Date.now() - process.getBuiltinModule('node:os').uptime() * 1000 - 1000
  return readdirSync(folder).filter(isIp).flatMap(name => {
    const file = join(folder, name)
    const modified = statSync(file, { throwIfNoEntry: false })
    if (modified?.isFile() !== true || modified.mtimeMs < bootMs) return []
    const [containerId = '', ifname = ''] = readFileSync(file, 'utf8').trim().split(/\r?\n/)
    return [{ address: canonicalIp(name), holder: `${containerId}/${ifname}`, file }]
  })
}

/** The text after which the addresses of a range set go on, as the reference plugin left it. */
export function readLastReserved(folder: string, set: number): string | undefined {
  try {
    const text = readFileSync(join(folder, `last_reserved_ip.${set}`), 'utf8').trim()
    return isIp(text) ? text : undefined
  } catch {
    return undefined
  }
}

/** So that a node that is switched back does not find an address taken for ever. */
export function forgetLeaseFile(file: string): void {
  rmSync(file, { force: true })
}
