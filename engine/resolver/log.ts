/** What the resolver says when it fails: there while it runs, and after it was killed. */
import { join } from 'node:path'

export function resolverLog(runRoot: string): string {
  return join(runRoot, 'resolver.log')
}
