/** The project's own source files, and what each imports: read as text, without loading anything. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { CHECKOUT } from '../../helpers/tsnet.ts'

export interface Import {
  readonly file: string
  /** `node:fs`, a package, or the imported file relative to the checkout. */
  readonly target: string
  readonly typeOnly: boolean
  /** `import()`: loaded when it is come to. */
  readonly dynamic: boolean
}

const SKIPPED = new Set(['node_modules', 'dist', '.git', 'coverage'])

/** Paths relative to the checkout of all files that end in one of `endings`. */
export function projectFiles(...endings: readonly string[]): readonly string[] {
  const walk = (folder: string): readonly string[] => readdirSync(join(CHECKOUT, folder), { withFileTypes: true }).flatMap(entry => {
    if (SKIPPED.has(entry.name)) return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? walk(path) : endings.some(ending => path.endsWith(ending)) ? [path] : []
  })
  return walk('.').toSorted()
}

export function readProjectFile(path: string): string {
  return readFileSync(join(CHECKOUT, path), 'utf8')
}

/** The folders of the product: not tests, benchmarks, scripts or examples. */
export function productFiles(): readonly string[] {
  return projectFiles('.ts').filter(file => file.includes('/') && !/^(test|bench|scripts|examples)\//.test(file))
}

const IMPORT = /^\s*(?:import|export)\s+(type\s)?[^'"]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\b(?:import|getBuiltinModule)\(\s*['"]([^'"]+)['"]/gm

/** Every static and dynamic import and re-export of a file. */
export function importsOf(file: string): readonly Import[] {
  return [...readProjectFile(file).matchAll(IMPORT)].map(([, type, from, bare, dynamic]) => {
    const target = from ?? bare ?? dynamic ?? ''
    return {
      file, typeOnly: type !== undefined, dynamic: dynamic !== undefined,
      target: target.startsWith('.') ? relative('.', join(dirname(file), target)) : target,
    }
  })
}

/** The top-level folder of a path: the unit that import directions are about. */
export function folderOf(path: string): string {
  return path.split('/')[0] ?? ''
}
