/** Which routes of the host say that addresses are somebody's: made with `ip`, read by `readFacts`. */
import test from 'ava'
import { openKernel } from '../../../kernel/kernel.ts'
import { readFacts } from '../../../kernel/facts.ts'
import { removeLink } from '../../../kernel/objects/removal.ts'
import { runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'

const nowhere = { path: '/dev/null/missing', files: [] }

async function ip(...args: readonly string[]): Promise<void> {
  const { status, stderr } = await runCommand(['ip', ...args])
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
}

test.serial('routes of every table and family count, default routes and their disguises do not', async t => {
  if (!requires.root(t) || !requires.tool(t, 'ip')) return
  using kernel = new DisposableStack()
  const opened = kernel.adopt(openKernel(), it => it.close())
  await ip('link', 'add', 'dum0', 'type', 'bridge')
  kernel.defer(() => { void ip('link', 'del', 'dum0') })
  await ip('link', 'set', 'dum0', 'up')
  await ip('addr', 'add', '10.1.2.3/24', 'dev', 'dum0')
  await ip('addr', 'add', '10.7.7.7/32', 'dev', 'dum0')
  await ip('addr', 'add', '10.8.8.8/32', 'dev', 'lo')
  await ip('addr', 'add', 'fd12::1/64', 'dev', 'dum0', 'nodad')
  await ip('route', 'add', '172.16.0.0/12', 'dev', 'dum0', 'table', '100')
  await ip('route', 'add', 'blackhole', '192.168.7.0/24')
  await ip('route', 'add', 'unreachable', '10.255.0.0/16', 'table', '4000')
  await ip('route', 'add', 'default', 'via', '10.1.2.1')
  await ip('route', 'add', '0.0.0.0/1', 'dev', 'dum0')
  await ip('route', 'add', '128.0.0.0/1', 'dev', 'dum0')
  await ip('route', 'add', '10.20.0.0/16', 'nexthop', 'via', '10.1.2.5', 'nexthop', 'via', '10.1.2.6')
  await ip('-6', 'route', 'add', 'fd99::/48', 'dev', 'dum0', 'table', '77')
  await ip('-6', 'route', 'add', 'default', 'dev', 'dum0')
  await ip('-6', 'route', 'add', '2000::/3', 'dev', 'dum0')
  const { routes } = readFacts(opened, nowhere)
  t.true(routes[6].every(({ cidr }) => cidr.includes(':')) && !routes[4].some(({ cidr }) => cidr.includes(':')))
  const found = [...routes[4], ...routes[6]].map(({ cidr, dev }) => `${cidr} ${dev}`).toSorted()
  t.deepEqual(found, [
    '10.1.2.0/24 dum0', '10.20.0.0/16 dum0', '10.255.0.0/16 ', '10.7.7.7/32 dum0', '10.8.8.8/32 lo', '172.16.0.0/12 dum0', '192.168.7.0/24 ',
    'fd12::/64 dum0', 'fd99::/48 dum0',
  ])
})

test.serial('a link that the kernel is removing, and whose name is free, has no routes any more', async t => {
  if (!requires.root(t) || !requires.tool(t, 'ip')) return
  using kernel = new DisposableStack()
  const opened = kernel.adopt(openKernel(), it => it.close())
  for (let round = 0; round < 15; round += 1) {
    await ip('link', 'add', 'dum1', 'type', 'bridge')
    await ip('link', 'set', 'dum1', 'alias', 'tsnet:test')
    await ip('addr', 'add', '10.3.0.1/24', 'dev', 'dum1')
    await ip('link', 'set', 'dum1', 'up')
    await removeLink(opened.rtnetlink(), 'dum1', 'tsnet:test')
    t.deepEqual(readFacts(opened, nowhere).routes[4].filter(({ cidr }) => cidr.startsWith('10.3.')), [], `round ${round}`)
  }
})
