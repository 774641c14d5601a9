/** The procfs instance that settings of namespaces are read and written through, beside the host's own /proc/sys. */
import { readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import test from 'ava'
import { inNetns } from '../../../kernel/netns.ts'
import { Sysctls } from '../../../kernel/sysctls.ts'
import { runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'

const KEY = 'net/ipv4/ip_default_ttl'
const hostDevice = statSync('/proc/sys').dev

/** Which instance of procfs a key is in. */
function instanceOf(path: string): number {
  return statSync(path.replace(/\/sys\/.*/, '/sys')).dev
}

function descriptors(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      // That of the list itself.
      return []
    }
  })
}

test.serial('a setting is that of the namespace of whoever opens it, in an instance of procfs that is not the host\'s', async t => {
  if (!requires.root(t) || !requires.tool(t, 'ip')) return
  const netns = '/run/netns/settings'
  t.is((await runCommand(['ip', 'netns', 'add', 'settings'])).status, 0)
  await using stack = new AsyncDisposableStack()
  stack.defer(async () => { await runCommand(['ip', 'netns', 'del', 'settings']) })
  const sysctls = stack.adopt(new Sysctls(), it => it.close())
  const before = readFileSync(`/proc/sys/${KEY}`, 'utf8').trim()
  inNetns(netns, () => writeFileSync(sysctls.pathOf(KEY), '77'))
  t.is(readFileSync(sysctls.pathOf(KEY), 'utf8').trim(), before)
  t.is(inNetns(netns, () => readFileSync(sysctls.pathOf(KEY), 'utf8')).trim(), '77')
  t.is(inNetns(netns, () => readFileSync(`/proc/sys/${KEY}`, 'utf8')).trim(), '77')
  t.not(instanceOf(sysctls.pathOf(KEY)), hostDevice)
  t.false(readFileSync('/proc/self/mounts', 'utf8').includes('/sys/net'))
})

test.serial('an instance serves many names, is then replaced by a fresh one, and leaves no descriptor', t => {
  if (!requires.root(t)) return
  const before = descriptors()
  const sysctls = new Sysctls()
  const instances = Array.from({ length: 1000 }, () => instanceOf(sysctls.pathOf(KEY)))
  t.is(new Set(instances.slice(0, 400)).size, 1)
  t.not(instances[0], instances[999])
  sysctls.close()
  t.deepEqual(descriptors(), before)
  t.is(readFileSync(sysctls.pathOf(KEY), 'utf8'), readFileSync(`/proc/sys/${KEY}`, 'utf8'), 'it opens again')
  sysctls.close()
})
