/** `tsnet cni install`: what it writes, what it says, and that no file of another program is lost. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'
import { CHECKOUT } from '../../helpers/tsnet.ts'

const install = (...args: readonly string[]) => runCommand([join(CHECKOUT, 'bin/tsnet'), 'cni', 'install', ...args], { timeoutMs: 60_000 })

function newFolder(t: ExecutionContext): string {
  const folder = mkdtempSync('/run/cni-install-')
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

test('paths are printed for scripts; folders that were made, and what is next, are said to people', async t => {
  if (!requires.root(t)) return
  const folder = join(newFolder(t), 'a', 'b')
  const { status, stdout, stderr } = await install(folder)
  t.is(status, 0, stderr)
  t.is(stdout, `${folder}/tsnet-cni-client\n${folder}/tsnet\n`)
  t.regex(stderr, new RegExp(`^tsnet: made the folder ${folder}; .*\ntsnet: next: .*"type": "tsnet".*serve.*\n$`))
  const again = await install(folder)
  t.deepEqual([again.status, again.stdout], [0, stdout])
  t.notRegex(again.stderr, /made the folder|kept/)
})

test('the client works on the state that it was installed for, whether or not the server runs', async t => {
  if (!requires.root(t)) return
  const [folder, state] = [newFolder(t), newFolder(t)]
  const [root, runRoot] = [join(state, 'root'), join(state, 'run')]
  t.is((await runCommand([join(CHECKOUT, 'bin/tsnet'), '--root', root, '--run-root', runRoot, 'cni', 'install', folder], { timeoutMs: 60_000 })).status, 0)
  const config = JSON.stringify({ cniVersion: '1.0.0', name: 'blue', ipam: { type: 'host-local', subnet: '10.7.0.0/24' } })
  const env = { PATH: process.env.PATH, CNI_COMMAND: 'DEL', CNI_CONTAINERID: 'c1', CNI_IFNAME: 'eth0', CNI_PATH: folder }
  t.is((await runCommand([join(folder, 'tsnet')], { input: config, env })).status, 0)
  t.true(existsSync(join(root, 'tsnet.db')))
})

test('a file of another program stays without --replace; with it each is kept, under a name that nothing has', async t => {
  if (!requires.root(t)) return
  const folder = newFolder(t)
  for (const name of ['bridge', 'tsnet-cni-client']) writeFileSync(join(folder, name), `first ${name}`)
  const refused = await install(folder, 'bridge')
  t.is(refused.status, 1)
  t.regex(refused.stderr, /another program's; --replace keeps it as .*\.before-tsnet/)
  t.deepEqual(readdirSync(folder).toSorted(), ['bridge', 'tsnet-cni-client'])
  t.is((await install('--replace', folder, 'bridge')).status, 0)
  rmSync(join(folder, 'bridge'))
  writeFileSync(join(folder, 'bridge'), 'second bridge')
  t.regex((await install('--replace', folder, 'bridge')).stderr, /kept as bridge\.before-tsnet\.2\n/)
  const content = (name: string): string => readFileSync(join(folder, name), 'utf8')
  t.deepEqual(['bridge.before-tsnet', 'bridge.before-tsnet.2', 'tsnet-cni-client.before-tsnet'].map(content), ['first bridge', 'second bridge', 'first tsnet-cni-client'])
  t.is(readlinkSync(join(folder, 'bridge')), 'tsnet-cni-client')
})

test('the command tsnet itself is never replaced, and a folder that cannot be is refused with one sentence', async t => {
  if (!requires.root(t)) return
  const folder = newFolder(t)
  symlinkSync(join(CHECKOUT, 'bin/tsnet'), join(folder, 'tsnet'))
  t.regex((await install('--replace', folder)).stderr, /is the command tsnet itself/)
  t.deepEqual(readdirSync(folder), ['tsnet'])
  writeFileSync(join(folder, 'file'), '')
  mkdirSync(join(folder, 'empty'))
  const bad = [[join(folder, 'file')], [join(folder, 'file/x')], ['/proc/nothing'], ['/proc/sys/nothing'], [''], ['--socket', `/${'s'.repeat(120)}`, join(folder, 'empty')]]
  for (const args of bad) {
    const { status, stdout, stderr } = await install(...args)
    t.is(status, 1, args.join(' '))
    t.is(stdout, '')
    t.regex(stderr, /^tsnet: install CNI plugins.*\((invalid-argument|file-exists)\)\n$/)
    t.notRegex(stderr, /E[A-Z]{4,}|mkdir/, 'in words, and not in the kernel\'s')
  }
  t.false(existsSync(join(folder, 'empty/tsnet')))
})
