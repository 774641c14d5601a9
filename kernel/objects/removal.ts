/** Removing links without waiting for what the kernel does after they are gone. */
import type { Rtnetlink } from '../netlink/rtnetlink.ts'
import { sleep } from '../sleep.ts'

/**
 * Removes the link `name` if it is there and has our alias; returns when the name is free, 1 to 3 ms later.
 *
 * A link's name is free long before its deletion is over, and before the kernel tells of it: RTNLGRP_LINK's message comes up to 20 ms
 * after (measured, bridge), so the name is asked for, which takes no lock. Where the helper fails (it cannot be started,
 * or the kernel refuses), the plain, waiting request does the work and gives the error.
 */
export async function removeLink(rtnetlink: Rtnetlink, name: string, alias: string): Promise<void> {
  const link = rtnetlink.findLink(name)
  if (link?.alias !== alias) return
  if (!rtnetlink.deleteLinkDetached(link.index, name)) return rtnetlink.deleteLink(link.index, name)
  for (let waitedMs = 0; rtnetlink.findIndex(name) === link.index; waitedMs++) {
    if (waitedMs >= HELPER_LIMIT_MS) return rtnetlink.deleteLink(link.index, name)
    await sleep(1)
  }
}

const HELPER_LIMIT_MS = 3000
