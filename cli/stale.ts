/**
 * Whether a bundle in dist/ is older than its sources, which then run in its place. It costs one stat a file, some 1.5 ms, in a checkout; an
 * installed package has no sources and is not asked.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Written by scripts/build.ts: the files the bundles were made of, relative to the checkout. */
interface BuildInputs { readonly inputs: readonly string[] }

/** `sources` is the file that the bundle's own begins with. */
export function isStale(dist: string, bundle: string, sources: string): boolean {
  const checkout = join(dist, '..')
  if (!existsSync(sources)) return false
  const builtMs = statSync(join(dist, bundle)).mtimeMs
  const { inputs } = JSON.parse(readFileSync(join(dist, 'inputs.json'), 'utf8')) as BuildInputs
  return inputs.some(path => (statSync(`${checkout}/${path}`, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > builtMs)
}
