/** A link that is up. It stays up on removal: it goes with its link or namespace. Twin: `ip link set NAME up`. */
import type { LinkUpObject } from '../../objects/object.ts'
import { type LinkKind, inside } from './kind.ts'

export const linkUpKind: LinkKind<LinkUpObject> = {
  create(object, session) {
    // Up or not: to ask first would take as long.
    session.rtnetlink(object.netns).setLink(object.name, { up: true })
    return true
  },

  remove() {},

  exists: (object, session) => session.findRtnetlink(object.netns)?.findLink(object.name)?.up === true,

  describe: ({ name, netns }) => [`${inside(netns)}ip link set ${name} up`],
}
