/** The caller's terminal while a container has its keyboard. */
import { disableOutputProcessing } from '../kernel/syscalls/terminal.ts'

/** Raw in both directions, until `setRawMode(false)` puts back all that was before. */
export function makeRaw(terminal: NodeJS.ReadStream & { readonly fd: number }): void {
  terminal.setRawMode(true)
  disableOutputProcessing(terminal.fd)
}
