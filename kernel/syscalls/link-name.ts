/** Names of links by their indices, as sockaddr_in6 has them for link-local addresses. */
import { native } from '../ffi.ts'

/** IF_NAMESIZE of net/if.h, the NUL included. */
const IF_NAMESIZE = 16

/** Of this namespace; undefined where there is no link of that index. */
export function linkName(index: number): string | undefined {
  const name = Buffer.alloc(IF_NAMESIZE)
  ifIndexToName(index, name)
  const end = name.indexOf(0)
  return end <= 0 ? undefined : name.toString('utf8', 0, end)
}

const ifIndexToName = native('int if_indextoname(unsigned int index, void *name)')
