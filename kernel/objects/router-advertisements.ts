/**
 * Router advertisements, on a host that begins to forward IPv6.
 *
 * The kernel takes a forwarding host for a router: where `accept_ra` is 1 it forgets, as `all/forwarding` becomes 1, the default routes that
 * advertisements gave it, and hears no further ones, so that a host that configures itself by them loses its IPv6. 2 means: also while
 * forwarding. Only links that listened until then are told to go on; who sets 0, or forwards already, is left as he is. The setting of links
 * to come (`default`) is not touched: they may be ends of containers of other programs, from which no advertisement must be believed.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import type { SysctlObject } from '../../objects/object.ts'
import { isErrno } from '../error.ts'
import type { Session } from '../kernel.ts'
import { hostPath } from '../sysctls.ts'

const FOLDER = 'net/ipv6/conf'
/** Beside the links' own; nobody is heard on the loopback. */
const noLinks: ReadonlySet<string> = new Set(['all', 'default', 'lo'])

/** Whether making this turns the host into a router for IPv6. */
export function startsForwarding({ key, value, netns }: SysctlObject): boolean {
  return netns === undefined && key === `${FOLDER}/all/forwarding` && value === '1'
}

/** To be called before forwarding is turned on. */
export function keepAdvertisements(session: Session): void {
  for (const link of readdirSync(hostPath(FOLDER))) {
    if (noLinks.has(link) || valueOf(link, 'accept_ra') !== '1' || valueOf(link, 'forwarding') !== '0') continue
    session.observe(`sysctl ${FOLDER}/${link}/accept_ra=2`)
    unlessGone(() => writeFileSync(hostPath(`${FOLDER}/${link}/accept_ra`), '2'))
  }
}

/** The same for a shell. */
export const keepAdvertisementsCommand = `for f in $(grep -lx 1 /proc/sys/${FOLDER}/*/accept_ra | grep -Ev '/(default|lo)/'); do echo 2 > "$f"; done`

function valueOf(link: string, name: string): string | undefined {
  return unlessGone(() => readFileSync(hostPath(`${FOLDER}/${link}/${name}`), 'utf8').trim())
}

/** Links go while they are looked at. */
function unlessGone<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'EINVAL')) return undefined
    throw error
  }
}
