/**
 * tsnet as a package manager puts it on a machine: what package.json lists, without the sources.
 *
 * In a checkout every start looks whether a source is newer than the bundle, 5 ms of processor time that no user has.
 */
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKOUT } from '../test/helpers/tsnet.ts'

/** Installs into `folder`, which is made; the path of the command. The bundle is that of the last `npm run build`. */
export function install(folder: string): string {
  const { files } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as { readonly files: readonly string[] }
  mkdirSync(folder)
  for (const name of ['package.json', ...files]) {
    cpSync(join(CHECKOUT, name), join(folder, name), { recursive: true, filter: path => path !== join(CHECKOUT, 'dist/cache') })
  }
  symlinkSync(join(CHECKOUT, 'node_modules'), join(folder, 'node_modules'))
  return join(folder, 'bin/tsnet')
}
