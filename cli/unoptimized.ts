/**
 * For what runs once: without V8's optimising compilers.
 *
 * In the 30 ms of a container's start they would work as long on other cores, on code that is not called again. They are off for that
 * time only: a container in the foreground may print for days. V8 takes no code that was compiled under other flags, so what is
 * loaded of Node meanwhile is compiled anew, and what the bundle keeps (code-cache.ts) must be saved after the time.
 */
import { setFlagsFromString } from 'node:v8'

const compilers = ['opt', 'maglev']

export async function unoptimized<T>(act: () => Promise<T>): Promise<T> {
  for (const name of compilers) setFlagsFromString(`--no-${name}`)
  try {
    return await act()
  } finally {
    for (const name of compilers) setFlagsFromString(`--${name}`)
  }
}
