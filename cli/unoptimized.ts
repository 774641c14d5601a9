/**
 * For what runs once: without V8's compilers of machine code, for a second.
 *
 * In the time of a container's start and end they would work 5 ms on other cores, on code that is not called again. A container in the
 * foreground may print for days, so they come back. V8 takes no code that was compiled under other flags: what is loaded of Node meanwhile
 * is compiled anew, and what the bundle keeps (code-cache.ts, at the exit) must be saved under the usual ones.
 */
import { setFlagsFromString } from 'node:v8'

const compilers = ['opt', 'maglev', 'sparkplug']
const timeMs = 1000

/** To be called when all is loaded that is needed. */
export function startUnoptimized(): void {
  for (const name of compilers) setFlagsFromString(`--no-${name}`)
  const restore = (): void => { for (const name of compilers) setFlagsFromString(`--${name}`) }
  setTimeout(restore, timeMs).unref()
  process.prependOnceListener('exit', restore)
}
