/** What the kinds of links and addresses have in common. */
import type { LinkObject } from '../../objects/object.ts'
import type { Session } from '../kernel.ts'

/** A kind of the link family. `T` is one of the kernel objects. */
export interface LinkKind<T extends LinkObject> {
  /** All or nothing. True where it made something, false where ours was there already. @throws link-exists, kernel-error */
  create(object: T, session: Session): boolean | Promise<boolean>
  /** Absence is success. */
  remove(object: T, session: Session): void | Promise<void>
  exists(object: T, session: Session): boolean
  /** Equivalent shell commands. */
  describe(object: T): readonly string[]
}

/** The start of a shell command that runs in a namespace: `nsenter --net=PATH `, or nothing. */
export function inside(netns: string | undefined): string {
  return netns === undefined ? '' : `nsenter --net=${netns} `
}
