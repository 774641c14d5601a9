/**
 * Loads the prebuilt native addons of npm packages, without the packages' own JavaScript.
 *
 * `process.dlopen` of the file takes 0.5 to 1 ms where koffi's loader takes 6 and netlink's 2. A file is looked for in the
 * `node_modules` of this module's folder and of every folder above, which covers the checkout, a bundle in `dist/` and an
 * installation that hoists; an isolating installer (pnpm) is covered by asking where the package itself lies.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { TsnetError } from '../errors/error.ts'

/** Where a package's addon lies: `file` below `node_modules`, found also beside `owner`, the package that depends on it. */
export interface AddonPath { readonly owner: string, readonly file: string }

/** What the addon exports. @throws platform-unsupported where it is missing or does not load (musl) */
export function loadAddon(addon: AddonPath, from: string = import.meta.dirname): Readonly<Record<string, unknown>> {
  const path = findAddon(addon, from)
  if (path === undefined) {
    throw new TsnetError('platform-unsupported',
      `load ${addon.file}: not found in any node_modules above ${from}; install tsnet with its dependencies for linux-${process.arch}`)
  }
  const module: { exports: Record<string, unknown> } = { exports: {} }
  try {
    process.dlopen(module, path)
  } catch (cause) {
    const reason = isMusl() ? 'tsnet needs a Linux with glibc, and this one has musl' : String(cause)
    throw new TsnetError('platform-unsupported', `load ${path}: ${reason}`, { cause })
  }
  return module.exports
}

/** `loadAddon` at the first call, the same exports at every other. */
export function lazyAddon(addon: AddonPath): () => Readonly<Record<string, unknown>> {
  let loaded: Readonly<Record<string, unknown>> | undefined
  return () => loaded ??= loadAddon(addon)
}

/** The addon's path, or undefined. */
export function findAddon(addon: AddonPath, from: string): string | undefined {
  const ownerFolder = (): string | undefined => {
    try {
      return dirname(process.getBuiltinModule('node:module').createRequire(join(from, 'x.js')).resolve(`${addon.owner}/package.json`))
    } catch {
      return undefined
    }
  }
  return searchUpward(addon.file, from) ?? searchUpward(addon.file, ownerFolder())
}

function searchUpward(file: string, from: string | undefined): string | undefined {
  for (let folder = from; folder !== undefined; folder = folder === dirname(folder) ? undefined : dirname(folder)) {
    const path = join(folder, 'node_modules', file)
    if (existsSync(path)) return path
  }
  return undefined
}

function isMusl(): boolean {
  return ['x86_64', 'aarch64'].some(arch => existsSync(`/lib/ld-musl-${arch}.so.1`))
}
