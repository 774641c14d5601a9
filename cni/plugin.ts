/** What every plugin answers to: the commands of the specification, once the call itself has been found good. */
import type { CniCore } from './core.ts'
import type { Request } from './request.ts'
import type { CniResult } from './result.ts'
import type { CniVersion } from './version.ts'

export interface Plugin {
  /** Absent: all of `supportedVersions`. */
  readonly versions?: readonly CniVersion[]
  add(request: Request, core: CniCore): Promise<CniResult>
  /** Success where there is nothing; all that can be removed is removed before a failure is told. */
  del(request: Request, core: CniCore): Promise<void>
  check(request: Request, core: CniCore): Promise<void>
  /** Removes what it has for the network and is not valid. Absent: it keeps nothing. */
  gc?(request: Request, core: CniCore, valid: ValidAttachments): Promise<void>
  /** Throws what stands in the way of an ADD. Absent: nothing ever does. */
  status?(request: Request, core: CniCore): Promise<void>
}

/** Whether a container's interface is among the attachments that the orchestrator still knows. */
export type ValidAttachments = (attachment: { readonly containerId: string, readonly ifname: string }) => boolean
