/** Calls at the wrong moment, with a host that does not work as it should, and with IPAM plugins that do not keep to the specification. */
import { chmodSync, mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import test from 'ava'
import { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { CHECKOUT } from '../../helpers/tsnet.ts'
import { type CallSpec, type Json, bridgeConfig, environmentOf, ours, withContainers } from './lab.ts'

const config = { ...bridgeConfig, type: 'tsnet', cniVersion: '1.1.0' } as const

test.serial('of ADDs of one interface at once a single one succeeds, and what it was given stays', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const call = (spec: CallSpec) => ours('tsnet', spec, { roots: host.roots })
  await withContainers(['c1'], async () => {
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(Array.from({ length: 4 }, () => call({ command: 'ADD', config })))
      const good = answers.find(({ status }) => status === 0)?.result ?? {}
      t.is(answers.filter(({ status }) => status === 0).length, 1)
      t.true(answers.filter(({ status }) => status !== 0).every(({ result }) => result['code'] === 11 || /already exists/.test(String(result['msg']))))
      const [{ address }] = good['ips'] as readonly [{ readonly address: string }]
      t.true((await host.run('ip', '-n', 'c1', 'addr', 'show', 'eth0')).includes(address))
      t.is((await call({ command: 'CHECK', config: { ...config, prevResult: good } })).status, 0)
      t.is((await call({ command: 'DEL', config })).status, 0)
    }
  })
  await host.run('ip', 'link', 'del', 'cni7')
})

test.serial('a container id of any length is taken', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withContainers(['c1'], async () => {
    const spec = { config, id: 'x'.repeat(4000), netns: '/run/netns/c1' }
    t.is((await ours('tsnet', { command: 'ADD', ...spec }, { roots: host.roots })).status, 0)
    t.is((await ours('tsnet', { command: 'DEL', ...spec, netns: '' }, { roots: host.roots })).status, 0)
    t.notRegex(await host.run('ip', '-o', 'link'), /veth/)
  })
  await host.run('ip', 'link', 'del', 'cni7')
})

test.serial('where the state cannot be written, STATUS says 50 and every other call 5', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const folder = mkdtempSync('/run/cni-readonly-')
  await host.run('mount', '-t', 'tmpfs', '-o', 'ro', 'none', folder)
  await withContainers(['c1'], async () => {
    for (const roots of [{ ...host.roots, root: join(folder, 'state') }, { ...host.roots, runRoot: join(folder, 'run') }]) {
      for (const [command, code] of [['STATUS', 50], ['ADD', 5], ['CHECK', 5], ['DEL', 5], ['GC', 5]] as const) {
        const { status, result } = await ours('tsnet', { command, config }, { roots })
        t.like({ status, code: result['code'] }, { status: 1, code }, `${command}: ${JSON.stringify(result)}`)
        t.regex(String(result['msg']), /read-only/)
      }
    }
    t.notRegex(await host.run('ip', '-o', 'link'), /cni7/)
  })
  await host.run('umount', folder)
  rmSync(folder, { recursive: true })
})

test.serial('an answer that nobody takes is one line on standard error and status 1; its DEL frees everything', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await withContainers(['c1'], async () => {
    const full = openSync('/dev/full', 'w')
    const { status, stderr } = spawnSync(join(CHECKOUT, 'bin/tsnet-cni'), ['tsnet'], {
      input: JSON.stringify(config), stdio: ['pipe', full, 'pipe'], encoding: 'utf8', env: { ...environmentOf({ command: 'ADD', config }), ...host.roots.env },
    })
    closeSync(full)
    t.is(status, 1)
    t.regex(stderr, /^tsnet-cni: write the answer: ENOSPC[^\n]*\n$/)
    t.is((await ours('tsnet', { command: 'DEL', config, netns: '' }, { roots: host.roots })).status, 0)
    t.notRegex(await host.run('ip', '-o', 'link'), /veth/)
  })
  await host.run('ip', 'link', 'del', 'cni7')
})

const strangers: readonly { readonly title: string, readonly body: string, readonly add: Json, readonly del: number }[] = [
  { title: 'one that ends without a word', body: 'exit 3', add: { code: 999, msg: /myipam ended with status 3: it said nothing$/ }, del: 1 },
  { title: 'one that is killed', body: 'kill -9 $$', add: { code: 999, msg: /ended with status 137/ }, del: 1 },
  { title: 'one that complains to standard error', body: 'echo oops >&2; exit 1', add: { code: 999, msg: /ended with status 1: oops$/ }, del: 1 },
  { title: 'one with a number of its own', body: 'echo "{\\"code\\":151,\\"msg\\":\\"no\\",\\"details\\":\\"d\\"}"; exit 1', add: { code: 151, msg: /^no$/ }, del: 1 },
  { title: 'one that prints no JSON', body: 'echo no json', add: { code: 6, msg: /printed no result: no json$/ }, del: 0 },
  { title: 'one that prints a list', body: 'echo "[]"', add: { code: 6, msg: /printed no result/ }, del: 0 },
  { title: 'one that gives no address', body: 'echo "{}"', add: { code: 999, msg: /missing IP config/ }, del: 0 },
  { title: 'one that gives a bad address', body: 'echo "{\\"ips\\":[{\\"address\\":\\"x\\"}]}"', add: { code: 6, msg: /"x" is no address/ }, del: 0 },
]

test.serial('an IPAM plugin of others that fails is told of, is asked to take back, and leaves no interface', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  const folder = mkdtempSync('/run/cni-ipam-')
  const [program, log] = [join(folder, 'myipam'), join(folder, 'log')]
  const foreign = { ...config, ipam: { type: 'myipam' } }
  const call = (command: string) => ours('tsnet', { command, config: foreign, path: folder }, { roots: host.roots })
  await withContainers(['c1'], async () => {
    for (const { title, body, add, del } of strangers) {
      writeFileSync(program, `#!/bin/sh\necho $CNI_COMMAND >>${log}\ncat >/dev/null\n${body}\n`, { mode: 0o755 })
      const { status, result } = await call('ADD')
      t.is(status, 1, title)
      t.is(result['code'], add['code'], `${title}: ${JSON.stringify(result)}`)
      t.regex(String(result['msg']), add['msg'] as RegExp, title)
      t.is(readFileSync(log, 'utf8'), 'ADD\nDEL\n', title)
      t.is((await call('DEL')).status, del, title)
      t.notRegex(await host.run('ip', '-o', 'link'), /veth/, title)
      rmSync(log)
    }
    chmodSync(program, 0o644)
    t.regex(String((await call('ADD')).result['msg']), /myipam cannot be executed/)
    rmSync(program)
    mkdirSync(program)
    t.regex(String((await call('ADD')).result['msg']), /failed to find plugin "myipam"/)
  })
  await host.try('ip', 'link', 'del', 'cni7')
  rmSync(folder, { recursive: true })
})
