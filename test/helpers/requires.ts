/**
 * What a test needs of the machine. Where it is missing, the test says so and ends; under `TSNET_REQUIRE` (CI, `npm test`) it fails,
 * so that nothing turns green by being skipped:
 *
 *     if (!requires.root(t)) return
 */
import { spawnSync } from 'node:child_process'
import type { ExecutionContext } from 'ava'

function decide(t: ExecutionContext, present: boolean, what: string): boolean {
  if (present) return true
  if ((process.env.TSNET_REQUIRE ?? '') === '') {
    t.log(`skipped: needs ${what}`)
    t.pass()
  } else {
    t.fail(`needs ${what}, and TSNET_REQUIRE is set`)
  }
  return false
}

export const requires = {
  /** Root, and the namespaces that the preload makes for it. */
  root: (t: ExecutionContext): boolean => decide(t, process.env.TSNET_FAKE_HOST === 'inside', 'root'),

  /** A program on PATH. */
  tool: (t: ExecutionContext, name: string): boolean =>
    decide(t, spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).status === 0, `the program ${name}`),

  /** A kernel that can make links of this type. */
  linkType(t: ExecutionContext, type: string): boolean {
    const made = spawnSync('ip', ['link', 'add', 'probe0', 'type', type]).status === 0
    if (made) spawnSync('ip', ['link', 'del', 'probe0'])
    return decide(t, made, `links of type ${type}`)
  },
}
