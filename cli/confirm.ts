/** Docker's question before something is removed that cannot be brought back. */
import { createInterface } from 'node:readline'

/** True where the answer begins with y; the end of the input is no. */
export async function confirm(warning: string): Promise<boolean> {
  process.stdout.write(`WARNING! ${warning}\nAre you sure you want to continue? [y/N] `)
  using lines = createInterface({ input: process.stdin })
  for await (const line of lines) return /^\s*y(es)?\s*$/i.test(line)
  process.stdout.write('\n')
  return false
}
