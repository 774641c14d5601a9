/**
 * `npm run plugin`: the folder dist-plugin/ that `docker plugin create NAME dist-plugin` takes: config.json and a root file system with the
 * engine, the libraries that it needs, the bundle and the native addons. No image is downloaded; the libraries are this machine's.
 *
 *     npm run plugin [-- FOLDER]
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildTsnet } from './build.ts'

const checkout = fileURLToPath(new URL('../', import.meta.url))

const config = {
  description: 'tsnet: networks and addresses of containers, as lists of plain kernel objects',
  documentation: 'docs/guide/docker.md in the sources of tsnet',
  interface: { types: ['docker.networkdriver/1.0', 'docker.ipamdriver/1.0'], socket: 'tsnet.sock' },
  entrypoint: ['/engine/node', '--max-semi-space-size=1', '--optimize-for-size', '--', '/tsnet/dist/tsnet.js', 'serve', '--managed'],
  workdir: '/',
  network: { type: 'host' },
  linux: { capabilities: ['CAP_NET_ADMIN', 'CAP_SYS_ADMIN', 'CAP_NET_RAW'] },
  mounts: [],
  env: [{ name: 'TSNET_ROOT', description: 'where the state is kept', value: '/var/lib/tsnet', settable: ['value'] }],
}

/** @throws what the build or ldd says */
export async function buildPlugin(folder: string): Promise<void> {
  const rootfs = join(folder, 'rootfs')
  rmSync(folder, { recursive: true, force: true })
  for (const path of ['run/docker/plugins', 'var/lib/tsnet', 'etc', 'tmp', 'proc', 'sys', 'dev']) mkdirSync(join(rootfs, path), { recursive: true })
  const addons = [`@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`, `netlink/prebuilds/linux-${process.arch}/node.napi.node`]
    .map(file => join('node_modules', file))
  copy(process.execPath, join(rootfs, 'engine/node'))
  for (const addon of addons) copy(join(checkout, addon), join(rootfs, 'tsnet', addon))
  for (const library of new Set([process.execPath, ...addons.map(addon => join(checkout, addon))].flatMap(librariesOf))) copy(library, join(rootfs, library))
  await buildTsnet(join(rootfs, 'tsnet/dist'))
  writeFileSync(join(folder, 'config.json'), `${JSON.stringify(config, undefined, 2)}\n`)
}

/** The shared libraries of a program, the loader among them, at the paths where it looks for them. */
function librariesOf(path: string): readonly string[] {
  return execFileSync('ldd', [path], { encoding: 'utf8' }).split('\n').flatMap(line => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []).filter(existsSync)
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
  chmodSync(to, statSync(from).mode & 0o777)
}

if (import.meta.main) {
  const folder = process.argv[2] ?? join(checkout, 'dist-plugin')
  await buildPlugin(folder)
  console.log(`docker plugin create tsnet ${folder}`)
}
