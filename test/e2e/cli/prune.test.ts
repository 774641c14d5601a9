/** `prune` of each kind with Docker's words, and the filters that show what it would take. */
import test from 'ava'
import type { FakeHost } from '../../helpers/fake-host.ts'
import { requires } from '../../helpers/requires.ts'
import { hostWithBusybox } from './world.ts'

let host: FakeHost
test.before(async () => { host = await hostWithBusybox() })
test.after.always(async () => {
  await host.tsnet('rm', '-f', 'runs')
  await host[Symbol.asyncDispose]()
})

async function out(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await host.tsnet(...words)
  if (status !== 0) throw new Error(`tsnet ${words.join(' ')}: status ${status}: ${stderr}`)
  return stdout.trimEnd()
}

test.serial('network prune asks, takes no for an answer, and then removes what nothing is on, links and rules with it', async t => {
  if (!requires.root(t)) return
  await out('run', '--rm', 'busybox', 'true')
  const before = await host.snapshot()
  await out('network', 'create', 'empty')
  await out('network', 'create', '--label', 'keep=yes', 'kept')
  await out('network', 'create', '--subnet', '10.99.0.0/24', 'used')
  await out('run', '-d', '--name', 'runs', '--net', 'used', 'busybox', 'sleep', '1000')
  t.is(await out('network', 'ls', '--filter', 'dangling=true', '--format', '{{.Name}}'), 'empty\nkept')
  t.is(await out('network', 'ls', '-f', 'label=keep', '-q'), (await out('network', 'inspect', '-f', '{{.Id}}', 'kept')).slice(0, 12))

  const question = 'WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue? [y/N] '
  for (const answer of ['n\n', '\n', '']) {
    const refused = await host.tsnetWith({ input: answer }, 'network', 'prune')
    t.deepEqual([refused.status, refused.stdout.trimEnd(), refused.stderr], [0, question.trimEnd(), ''])
  }
  t.is((await out('network', 'ls', '--filter', 'type=custom', '-q')).split('\n').length, 3)
  const accepted = await host.tsnetWith({ input: 'y\n' }, 'network', 'prune', '--filter', 'label!=keep')
  t.deepEqual([accepted.status, accepted.stdout], [0, `${question}Deleted Networks:\nempty\n\n`])
  t.is(await out('network', 'prune', '-f', '--filter', 'until=1h'), '')
  t.is(await out('network', 'prune', '--force'), 'Deleted Networks:\nkept')
  t.is(await out('network', 'prune', '-f'), '')
  t.is(await out('network', 'ls', '--filter', 'name=use', '--format', '{{.Name}}'), 'used')
  await out('rm', '-f', 'runs')
  t.is(await out('network', 'prune', '-f'), 'Deleted Networks:\nused')
  await host.assertAsBefore(before, { except: [/cgroups: /, /files: .*\/volumes\/$/] })
})

test.serial('ps shows the containers that the filters fit, and the latest', async t => {
  if (!requires.root(t)) return
  await out('network', 'create', 'blue')
  await host.tsnet('run', '--name', 'failed', '--label', 'job=1', 'busybox', 'false')
  await out('run', '--name', 'done', '-v', '/data', 'busybox', 'sh', '-c', 'echo 1 > /data/x; echo 1 > /y')
  await out('run', '-d', '--name', 'runs', '--net', 'blue', '--label', 'job=2', 'busybox', 'sleep', '1000')
  const names = (...words: readonly string[]): Promise<string> => out('ps', '--format', '{{.Names}}', ...words)
  t.is(await names(), 'runs')
  t.is(await names('-a'), 'runs\ndone\nfailed')
  t.is(await names('-l'), 'runs')
  t.is(await names('-n', '2'), 'runs\ndone')
  t.is(await names('--filter', 'status=exited'), 'done\nfailed')
  t.is(await names('--filter', 'exited=1'), 'failed')
  t.is(await names('-a', '--filter', 'label=job'), 'runs\nfailed')
  t.is(await names('-a', '--filter', 'label=job=2'), 'runs')
  t.is(await names('--filter', 'network=blue'), 'runs')
  t.is(await names('-a', '--filter', 'name=one'), 'done')
  t.is(await out('ps', '-aq', '--filter', 'name=done'), (await out('inspect', '-f', '{{.Id}}', 'done')).slice(0, 12))
  const wrong = await host.tsnet('ps', '--filter', 'colour=red')
  t.deepEqual([wrong.status, wrong.stderr], [1, 'tsnet: --filter "colour=red": there is no filter "colour"; '
    + 'there are ancestor, exited, expose, id, label, name, network, publish, status (invalid-argument)\n'])
})

test.serial('container prune removes those that do not run, and says how much that gave back', async t => {
  if (!requires.root(t)) return
  const id = await out('inspect', '-f', '{{.Id}}', 'failed')
  t.regex(await out('container', 'prune', '-f', '--filter', 'label=job'), new RegExp(`^Deleted Containers:\n${id}\n\nTotal reclaimed space: [\\d.]+k?B$`))
  t.is(await out('ps', '-a', '--format', '{{.Names}}'), 'runs\ndone')
  t.regex(await out('container', 'prune', '-f'), /^Deleted Containers:\n[0-9a-f]{64}\n\nTotal reclaimed space: [1-9][\d.]*kB$/)
  t.is(await out('container', 'prune', '-f'), 'Total reclaimed space: 0B')
  t.is(await out('ps', '-a', '--format', '{{.Names}}'), 'runs')
})

test.serial('volume prune takes anonymous volumes, with --all named ones too, and none that a container uses', async t => {
  if (!requires.root(t)) return
  await out('rm', '-f', 'runs')
  await out('run', '-d', '--name', 'runs', '-v', 'used:/data', 'busybox', 'sleep', '1000')
  await out('volume', 'create', '--label', 'a=1', 'named')
  const anonymous = (await out('volume', 'ls', '-q')).split('\n').filter(name => /^[0-9a-f]{64}$/.test(name))
  t.is(anonymous.length, 1)
  t.regex(await out('volume', 'prune', '-f'), new RegExp(`^Deleted Volumes:\n${anonymous[0]}\n\nTotal reclaimed space: 4.1kB$`))
  t.is(await out('volume', 'prune', '-f', '-a', '--filter', 'label=a=2'), 'Total reclaimed space: 0B')
  const asked = await host.tsnetWith({ input: 'y\n' }, 'volume', 'prune', '--all')
  t.is(asked.stdout, 'WARNING! This will remove all local volumes not used by at least one container.\nAre you sure you want to continue? [y/N] '
    + 'Deleted Volumes:\nnamed\n\nTotal reclaimed space: 0B\n')
  t.is(await out('volume', 'ls', '-q'), 'used')
})

test.serial('image prune takes images without a name, with --all all that no container uses', async t => {
  if (!requires.root(t)) return
  t.is(await out('image', 'prune', '-f'), 'Total reclaimed space: 0B')
  t.is(await out('image', 'prune', '-af'), 'Total reclaimed space: 0B')
  const id = (await out('image', 'ls', '-q', '--no-trunc')).trim()
  await out('image', 'tag', 'busybox', 'second:1')
  await out('rm', '-f', 'runs')
  t.regex(await out('image', 'prune', '-a', '-f'),
    new RegExp(`^Deleted Images:\nuntagged: busybox:latest\nuntagged: second:1\ndeleted: ${id}\n\nTotal reclaimed space: [1-9][\\d.]*MB$`))
  t.is(await out('image', 'ls', '-q'), '')
})
