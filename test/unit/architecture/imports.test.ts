/**
 * The direction of imports. A line here is a decision: a folder sees what stands to its right, and nothing else.
 */
import test from 'ava'
import { folderOf, type Import, importsOf, productFiles, readProjectFile } from './source-tree.ts'

const PURE = ['errors', 'address', 'objects'] as const

/** What each folder may import, itself and packages aside. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  address: ['errors'],
  objects: ['errors', 'address'],
  cnm: [...PURE, 'ipam'],
  ipam: PURE,
  drivers: [...PURE, 'cnm'],
  kernel: PURE,
  // It implements the store ports that cnm and ipam define.
  store: [...PURE, 'kernel', 'cnm', 'ipam'],
  topology: [...PURE, 'cnm'],
  nat: [...PURE, 'kernel', 'cnm'],
  dns: [...PURE, 'kernel'],
  runtime: [...PURE, 'kernel', 'cnm', 'store', 'dns'],
  engine: [...PURE, 'kernel', 'cnm', 'ipam', 'drivers', 'store', 'nat', 'dns', 'runtime', 'topology'],
  'plugin-api': [...PURE, 'cnm'],
  cni: [...PURE, 'kernel', 'cnm', 'ipam', 'store', 'nat', 'runtime', 'engine'],
  daemon: [...PURE, 'kernel', 'cnm', 'engine', 'plugin-api', 'cni'],
  cli: [...PURE, 'cnm', 'runtime', 'topology', 'engine', 'cni', 'daemon'],
}

/** Folders that compute and do nothing else: no file, no socket, no process. */
const WITHOUT_IO = ['errors', 'address', 'objects', 'cnm', 'ipam', 'drivers', 'topology']
/** What of Node is neither input nor output. */
const HARMLESS = ['node:util', 'node:buffer']

const imports = productFiles().flatMap(importsOf)
const own = imports.filter(({ target }) => target.endsWith('.ts'))
const shown = (list: readonly Import[]): readonly string[] => list.map(({ file, target }) => `${file} imports ${target}`)

test('a folder imports only what stands below it', t => {
  const wrong = own.filter(({ file, target }) => {
    const [from, to] = [folderOf(file), folderOf(target)]
    return from !== to && !(MAY_IMPORT[from] ?? []).includes(to)
  })
  t.deepEqual(shown(wrong), [])
})

test('every folder with source in it has its line in the table', t => {
  const folders = [...new Set(productFiles().map(folderOf))]
  t.deepEqual(folders.filter(folder => MAY_IMPORT[folder] === undefined), [])
})

test('the folders form no cycle', t => {
  const edges = new Map<string, Set<string>>()
  for (const { file, target } of own) {
    const from = folderOf(file)
    if (from !== folderOf(target)) edges.set(from, (edges.get(from) ?? new Set()).add(folderOf(target)))
  }
  const cycles: string[] = []
  const visit = (folder: string, path: readonly string[]): void => {
    if (path.includes(folder)) cycles.push([...path, folder].join(' -> '))
    else for (const next of edges.get(folder) ?? []) visit(next, [...path, folder])
  }
  for (const folder of edges.keys()) visit(folder, [])
  t.deepEqual(cycles, [])
})

test('pure folders know no file, socket or process', t => {
  const wrong = imports.filter(({ file, target }) =>
    WITHOUT_IO.includes(folderOf(file)) && target.startsWith('node:') && !HARMLESS.includes(target))
  t.deepEqual(shown(wrong), [])
})

test('koffi is the kernel folder\'s alone, and only raw netlink is taken from its package', t => {
  t.deepEqual(shown(imports.filter(({ file, target }) => /koffi/.test(target) && folderOf(file) !== 'kernel')), [])
  const netlink = imports.filter(({ target }) => target.split('/')[0] === 'netlink')
  t.deepEqual(shown(netlink.filter(({ file }) => !file.startsWith('kernel/netlink/'))), [])
})

test('processes are started by kernel/exec.ts, kernel/spawn.ts and runtime/ alone', t => {
  const starting = imports.filter(({ target }) => /^(node:)?child_process$/.test(target))
  t.deepEqual(shown(starting.filter(({ file }) => file !== 'kernel/exec.ts' && folderOf(file) !== 'runtime')), [])
  const spawning = imports.filter(({ target }) => target === 'kernel/spawn.ts')
  t.deepEqual(shown(spawning.filter(({ file }) => !['kernel', 'runtime'].includes(folderOf(file)))), [])
})

test('imports of Node\'s own modules say so', t => {
  const builtin = /^(fs|path|os|net|http|crypto|util|events|stream|child_process|url)(\/|$)/
  t.deepEqual(shown(imports.filter(({ target }) => builtin.test(target))), [])
})

test('what is loaded to start a container, or by a CNI plugin, leaves out the parts of Node that take milliseconds', t => {
  const loaded = new Set(['cli/main.ts', 'cli/commands/run.ts', 'engine/open.ts', 'cni/main.ts', 'cni/open.ts'])
  const atOnce = imports.filter(({ typeOnly, dynamic }) => !typeOnly && !dynamic)
  // A set that grows while it is gone through gives what was added as well.
  for (const file of loaded) for (const { target } of atOnce.filter(one => one.file === file && one.target.endsWith('.ts'))) loaded.add(target)
  t.true(loaded.size > 300)
  const slow = ['node:crypto', 'node:perf_hooks', 'node:http', 'node:https', 'node:worker_threads', 'node:zlib']
  t.deepEqual(shown(atOnce.filter(({ file, target }) => loaded.has(file) && slow.includes(target))), [])
  const byPlugins = new Set(['cni/main.ts', 'cni/open.ts'])
  for (const file of byPlugins) for (const { target } of atOnce.filter(one => one.file === file && one.target.endsWith('.ts'))) byPlugins.add(target)
  t.true(byPlugins.size > 100)
  t.deepEqual(shown(atOnce.filter(({ file, target }) => byPlugins.has(file) && ['node:module', 'node:os', 'node:timers/promises'].includes(target))), [])
  // The global is node:perf_hooks, loaded when it is first used.
  const timing = [...loaded].filter(file => readProjectFile(file).includes('performance.'))
  t.deepEqual(timing, [])
})
