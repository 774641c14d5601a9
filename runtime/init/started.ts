/** From a launched shim to a started process, or to the error that says why there is none. */
import type { Attached, TerminalSize } from '../types.ts'
import { startError } from './failure.ts'
import type { Launched } from './launch.ts'
import type { LinkedProgram } from './link.ts'
import { encodeWindowSize } from './sandbox/terminal.ts'
import type { StartedProcess } from './start-api.ts'

export interface Pids { readonly pid: number, readonly shimPid: number }

/** What was started, for errors: "start container", and the command. */
export interface Intention { readonly operation: string, readonly command: string, readonly linked: LinkedProgram }

/** Resolves when execve has succeeded. On a failure the shim is gone and nothing of it is held any more. */
export async function awaitExecuted(launched: Launched, { operation, command, linked }: Intention): Promise<Pids> {
  try {
    const first = await launched.conversation.started
    if (first.kind === 'started') return first
    await launched.conversation.closed
    throw startError(operation, first, linked, command)
  } catch (error) {
    releaseEnds(launched)
    throw error
  }
}

export function startedProcess(launched: Launched, { pid, shimPid }: Pids, detach: boolean): StartedProcess {
  const { conversation } = launched
  if (detach) {
    conversation.leave()
    return { pid, shimPid, exited: new Promise<number>(() => {}), done: () => {}, leave: () => {} }
  }
  const exited = conversation.exited.then(({ status }) => {
    launched.stdin?.destroy()
    launched.resize?.destroy()
    return status
  })
  exited.catch(() => {})
  return { pid, shimPid, attached: attachedEnds(launched), exited, done: () => { conversation.done() }, leave: () => { conversation.leave() } }
}

/** Closes the caller's ends: nobody will read or write them. */
export function releaseEnds({ stdin, stdout, stderr, resize }: Launched): void {
  for (const stream of [stdin, stdout, stderr, resize]) stream?.destroy()
}

function attachedEnds({ stdin, stdout, stderr, resize }: Launched): Attached {
  // The other end is gone when the container is: what was still on its way to it is lost, as with any pipe.
  for (const stream of [stdin, resize]) stream?.on('error', () => {})
  return {
    ...stdin && { stdin }, ...stdout && { stdout }, ...stderr && { stderr },
    resize: (size: TerminalSize): void => { if (resize?.writable === true) resize.write(encodeWindowSize(size)) },
  }
}
