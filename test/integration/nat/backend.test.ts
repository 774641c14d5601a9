import test from 'ava'
import { detectBackend, listBackends, requireBackend } from '../../../nat/backend.ts'
import { runCommand } from '../../helpers/namespace.ts'
import { requires } from '../../helpers/requires.ts'

test.serial('auto takes iptables where its tools are, and nftables where they are not', async t => {
  if (!requires.root(t)) return
  t.is(await detectBackend(), 'iptables')
  t.deepEqual(await listBackends(), [{ name: 'iptables' }, { name: 'nftables' }])
  await t.throwsAsync(requireBackend('pf'), { code: 'invalid-argument', message: /iptables and nftables/ })
})

test.serial('with rules of iptables-legacy in use, nftables is refused with the reason', async t => {
  if (!requires.root(t) || !requires.tool(t, 'iptables-legacy')) return
  // A table that was only looked at is no reason.
  await runCommand(['iptables-legacy', '-S'])
  t.is(await requireBackend('nftables'), 'nftables')
  await runCommand(['iptables-legacy', '-P', 'FORWARD', 'DROP'])
  await t.throwsAsync(requireBackend('nftables'), { code: 'firewall-unsupported', message: /iptables-legacy are in use \(iptables filter\)/ })
  await runCommand(['iptables-legacy', '-P', 'FORWARD', 'ACCEPT'])
  t.is(await requireBackend('nftables'), 'nftables')
})
