/** 500 damaged requests: each is answered, none is a failure of the plugin's own, and nothing is left. `npm run fuzz` sends more. */
import { randomInt } from 'node:crypto'
import test from 'ava'
import { FakeHost } from '../../helpers/fake-host.ts'
import { PluginClient } from '../../helpers/plugin-client.ts'
import { requires } from '../../helpers/requires.ts'
import { fuzzPlugin } from '../../fuzz/plugin.ts'

test.serial('damaged requests', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await using plugin = await PluginClient.open(host.roots)
  await host.run('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1')
  const before = await host.snapshot()
  const seed = Number(process.env.TSNET_FUZZ_SEED ?? randomInt(2 ** 31))
  const count = Number(process.env.TSNET_FUZZ_COUNT ?? 500)
  const { complaints, accepted } = await fuzzPlugin(plugin, count, seed)
  t.log(`seed ${seed}: ${count} damaged requests, ${accepted} answers with 200`)
  t.deepEqual(complaints, [])
  t.true(accepted > count / 10)
  await host.assertAsBefore(before, { except: [/ files: .*(\.lock|tsnet\.db.*)$/, / fds: (socket|\/)$/, / cgroups: /] })
})

test.serial('bodies that are huge, cut off or no HTTP', async t => {
  if (!requires.root(t)) return
  await using plugin = await PluginClient.open()
  const huge = await plugin.post('NetworkDriver.CreateNetwork', JSON.stringify({ NetworkID: 'x'.repeat(33 << 20) }))
  t.is(huge.status, 413)
  t.is(huge.body['Err'], huge.body['Error'])
  const deep = await plugin.post('NetworkDriver.CreateNetwork', `{"NetworkID":"x","Options":${'['.repeat(100_000)}`)
  t.is(deep.status, 400)
  t.is((await plugin.post('Plugin.Activate', '')).status, 200, 'it lives')
})
