/** `events` and `network events`: a log that outlives every process, and a stream of what others do. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import test from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { hostWithBusybox } from './world.ts'

let host: FakeHost
test.before(async () => { host = await hostWithBusybox() })
test.after.always(() => host[Symbol.asyncDispose]())

async function out(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await host.tsnet(...words)
  if (status !== 0 || stderr !== '') throw new Error(`tsnet ${words.join(' ')}: status ${status}: ${stderr}`)
  return stdout.trimEnd()
}

const past = (...words: readonly string[]): Promise<string> => out(...words, '--since', '1h', '--until', '0s')
const actions = async (...words: readonly string[]): Promise<readonly string[]> =>
  (await past(...words, '--format', '{{.Type}} {{.Action}} {{.Actor.Attributes.name}}')).split('\n').filter(line => line !== '')

test.serial('what happened is told by whoever asks later, with Docker\'s fields', async t => {
  if (!requires.root(t)) return
  const id = await out('network', 'create', 'blue')
  await out('network', 'create', 'red')
  const container = await out('run', '-d', '--name', 'web', '--net', 'blue', 'busybox', 'sleep', '1000')
  await out('network', 'connect', 'red', 'web')
  await out('network', 'disconnect', 'red', 'web')
  await out('rm', '-f', 'web')
  await out('network', 'rm', 'blue', 'red')
  t.deepEqual(await actions('events'), [
    'network create blue', 'network create red', 'container create web', 'network connect blue', 'container start web', 'network connect red',
    'network disconnect red', 'container die web', 'network disconnect blue', 'container destroy web', 'network destroy blue', 'network destroy red',
  ])
  t.deepEqual(await actions('network', 'events', '--filter', 'event=connect', '--filter', `container=${container}`), ['network connect blue', 'network connect red'])
  const connect = JSON.parse((await past('network', 'events', '--filter', `network=${id}`, '--filter', 'event=connect', '--format', 'json')))
  t.like(connect, { Type: 'network', Action: 'connect', Actor: { ID: id, Attributes: { container, name: 'blue', type: 'bridge' } }, scope: 'local' })
  t.true(Math.abs(connect.time * 1000 - Date.now()) < 600_000)
  t.regex(await past('events', '--filter', 'event=die'), new RegExp(`^\\S+Z container die ${container} \\(exitCode=137, image=busybox, name=web\\)$`))
  const failed = await host.tsnet('run', '--rm', '--net', 'blue', 'busybox', 'true')
  t.is(failed.status, 125)
  t.false((await actions('network', 'events')).some((line, i, all) => all.indexOf(line) !== i && line.includes('connect blue')))
})

test.serial('what others do is told while it happens', async t => {
  if (!requires.root(t)) return
  const stream = host.startTsnet('network', 'events', '--format', '{{.Action}} {{.Actor.Attributes.name}}')
  const lines = createInterface({ input: stream.stdout! })[Symbol.asyncIterator]()
  // The stream has begun when it tells of something.
  let made = 0
  const first = lines.next()
  let told: IteratorResult<string> | undefined
  while (told === undefined) {
    await out('network', 'create', `n${made++}`)
    told = await Promise.race([first, out('network', 'ls', '-q').then(() => undefined)])
  }
  t.regex(told.value as string, /^create n\d+$/)
  await out('network', 'rm', ...Array.from({ length: made }, (_, i) => `n${i}`))
  let line = ''
  while (!line.startsWith('destroy')) line = String((await lines.next()).value)
  t.is(line, 'destroy n0')
  stream.kill('SIGINT')
  await once(stream, 'exit')
})

test.serial('a route that comes to overlap a network is told of while events are looked at, and its end', async t => {
  if (!requires.root(t)) return
  await out('network', 'create', '--subnet', '10.60.0.0/24', '--subnet', 'fd00:60::/64', '--ipv6', 'vpn')
  const stream = host.startTsnet('network', 'events', '--format', '{{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.subnet}} {{.Actor.Attributes.route}}')
  const lines = createInterface({ input: stream.stdout! })[Symbol.asyncIterator]()
  for (const [family, route, subnet] of [['-4', '10.48.0.0/12', '10.60.0.0/24'], ['-6', 'fd00:60::/48', 'fd00:60::/64']] as const) {
    await host.run('ip', family, 'route', 'add', route, 'dev', 'up0')
    t.is((await lines.next()).value, `overlap vpn ${subnet} ${route} dev up0`)
    await host.run('ip', family, 'route', 'del', route, 'dev', 'up0')
    t.is((await lines.next()).value, `overlap-end vpn ${subnet} ${route} dev up0`)
  }
  stream.kill('SIGINT')
  await once(stream, 'exit')
  await out('network', 'rm', 'vpn')
})

test.serial('while a container has names, such a route is told of though nobody looks, and once', async t => {
  if (!requires.root(t)) return
  await out('network', 'create', '--subnet', '10.61.0.0/24', 'vpn2')
  await out('run', '-d', '--name', 'web', '--net', 'vpn2', 'busybox', 'sleep', '1000')
  const told = (action: string): Promise<readonly string[]> => past('network', 'events', '--filter', `event=${action}`, '--filter', 'network=vpn2',
    '--format', '{{.Actor.Attributes.route}}').then(text => text.split('\n').filter(line => line !== ''))
  const untilTold = async (action: string): Promise<void> => {
    const deadline = Date.now() + 20_000
    while ((await told(action)).length === 0) if (Date.now() > deadline) return t.fail(`no ${action}`)
  }
  await host.run('ip', 'route', 'add', '10.61.0.128/25', 'dev', 'up0')
  await untilTold('overlap')
  await host.run('ip', 'route', 'add', '10.99.0.0/24', 'dev', 'up0')
  await host.run('ip', 'route', 'del', '10.61.0.128/25', 'dev', 'up0')
  await untilTold('overlap-end')
  t.deepEqual([await told('overlap'), await told('overlap-end')], [['10.61.0.128/25 dev up0'], ['10.61.0.128/25 dev up0']])
  await host.run('ip', 'route', 'del', '10.99.0.0/24', 'dev', 'up0')
  await host.tsnet('rm', '-f', 'web')
  await out('network', 'rm', 'vpn2')
})

for (const [words, message] of [
  [['events', '--since', 'yesterday'], /--since "yesterday": it is no point in time/], [['events', '--filter', 'colour=red'], /there is no filter "colour"/],
  [['network', 'events', '--filter', 'type=plugin'], /there are container and network/],
] as const) {
  test.serial(`${words.join(' ')} is refused`, async t => {
    if (!requires.root(t)) return
    const { status, stderr } = await host.tsnet(...words)
    t.is(status, 1)
    t.regex(stderr, message)
  })
}
