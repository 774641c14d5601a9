/** The kernel's own word that routes have changed, in either family, from the namespace that the watch was opened in. */
import test from 'ava'
import { RouteWatch } from '../../../kernel/netlink/route-watch.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'

test.serial('a route that comes or goes is told of, a burst of thousands does no harm, and nothing is after the end', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  let count = 0
  let wake = (): void => undefined
  const { promise: burst, resolve } = Promise.withResolvers<void>()
  {
    using _watch = new RouteWatch(() => {
      count += 1
      wake()
    })
    for (const words of [['-4', 'route', 'add', '10.70.0.0/16'], ['-4', 'route', 'del', '10.70.0.0/16'], ['-6', 'route', 'add', 'fd00:70::/64'], ['-6', 'route', 'del', 'fd00:70::/64']]) {
      const told = new Promise<void>(done => { wake = done })
      await host.run('ip', ...words, 'dev', 'up0')
      await told
    }
    wake = resolve
    const lines = Array.from({ length: 5000 }, (_, i) => `route add 10.${71 + (i >> 8)}.${i & 255}.0/24 dev up0`)
    await host.run('sh', '-c', `printf '%s\\n' "$@" | ip -batch -`, 'sh', ...lines)
    await burst
  }
  const before = count
  await host.run('ip', 'route', 'add', '10.70.0.0/16', 'dev', 'up0')
  t.is(count, before)
  await host.run('ip', 'route', 'flush', 'dev', 'up0', 'root', '10.64.0.0/10')
  await host.run('ip', 'route', 'del', '10.70.0.0/16', 'dev', 'up0').catch(() => undefined)
})
