/** `--net=container:NAME`: the same namespace, address, names and files, also by way of a container that has joined, and after the end. */
import test from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { hostWithBusybox } from '../cli/world.ts'

let host: FakeHost
test.before(async () => {
  host = await hostWithBusybox()
})
test.after.always(() => host[Symbol.asyncDispose]())

const what = ['busybox', 'sh', '-c', 'readlink /proc/self/ns/net; hostname; cat /etc/hosts; ip -4 -o addr show eth0']

test.serial('a container joined by way of one that has joined shares the network of the first', async t => {
  if (!requires.root(t)) return
  t.is((await host.tsnet('run', '-d', '--name', 'first', '-h', 'one', '--add-host', 'db:10.1.2.3', 'busybox', 'sleep', '600')).status, 0)
  t.is((await host.tsnet('run', '-d', '--name', 'second', '--net=container:first', 'busybox', 'sleep', '600')).status, 0)
  const [direct, byWay] = [await host.tsnet('run', '--rm', '--net=container:first', ...what), await host.tsnet('run', '--rm', '--net=container:second', ...what)]
  t.is(byWay.stderr, '')
  t.regex(byWay.stdout, /^net:.*\none\n[^]*10\.1\.2\.3\tdb\n/)
  t.is(byWay.stdout, direct.stdout)
})

test.serial('when the first has ended, the second goes on, and who would join it is told why that cannot be', async t => {
  if (!requires.root(t)) return
  t.is((await host.tsnet('rm', '-f', 'first')).status, 0)
  t.regex((await host.tsnet('exec', 'second', 'ip', '-o', 'addr')).stdout, /^1: lo/)
  const { status, stderr } = await host.tsnet('run', '--rm', '--net=container:second', 'busybox', 'true')
  t.is(status, 125)
  t.regex(stderr, /^tsnet: run container: cannot join the network of container "second": it is that of container "[0-9a-f]{12}", which does not run any more \(container-not-running\)\n$/)
  t.is((await host.tsnet('rm', '-f', 'second')).status, 0)
})
