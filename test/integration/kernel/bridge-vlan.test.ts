/** VLANs of bridges: what we send is what iproute2 sends, seen by strace as it sends it; what this kernel answers is another matter. */
import test from 'ava'
import { addPortVlan, deletePortVlan, setVlanFiltering } from '../../../kernel/netlink/bridge-vlan.ts'
import { newBridge } from '../../../kernel/netlink/link.ts'
import type { NetlinkRequest } from '../../../kernel/netlink/socket.ts'
import { FakeHost } from '../../helpers/fake-host.ts'
import { messageShape } from '../../helpers/link-message.ts'
import { requires } from '../../helpers/requires.ts'

/** The last netlink message that a command sends, from its header on. */
async function lastMessage(host: FakeHost, command: string): Promise<Buffer> {
  const { stderr } = await host.try('strace', '-e', 'trace=sendmsg', '-e', 'write=all', ...command.split(' '))
  const dumps = stderr.split(/^ \* \d+ bytes in buffer 0$/m).slice(1)
  const lines = (dumps.at(-1) ?? '').split('\n').flatMap(line => /^ \| [0-9a-f]{5} {2}([0-9a-f ]{48})/.exec(line)?.[1] ?? [])
  return Buffer.from(lines.join('').replaceAll(' ', ''), 'hex')
}

test.serial('each change of VLANs is the message that ip or bridge sends for it', async t => {
  if (!requires.root(t)) return
  await using host = await FakeHost.create()
  await host.run('ip', 'link', 'add', 'br-vlan', 'type', 'bridge')
  await host.run('ip', 'link', 'add', 'p0', 'type', 'veth', 'peer', 'name', 'p1')
  await host.run('ip', 'link', 'set', 'p0', 'master', 'br-vlan')
  const indexOf = async (name: string): Promise<number> => Number((await host.json<readonly { readonly ifindex: number }[]>('ip', '-j', 'link', 'show', name))[0]?.ifindex)
  const [bridge, port] = [await indexOf('br-vlan'), await indexOf('p0')]
  const pairs: readonly (readonly [string, NetlinkRequest])[] = [
    ['ip link set dev br-vlan type bridge vlan_filtering 1', setVlanFiltering('br-vlan', bridge, true)],
    ['bridge vlan add dev p0 vid 100 pvid untagged master', addPortVlan('p0', port, { first: 100, last: 100 }, { untagged: true })],
    ['bridge vlan add dev p0 vid 7 master', addPortVlan('p0', port, { first: 7, last: 7 }, { untagged: false })],
    ['bridge vlan add dev p0 vid 200-4094 master', addPortVlan('p0', port, { first: 200, last: 4094 }, { untagged: false })],
    ['bridge vlan del dev p0 vid 1 master', deletePortVlan('p0', port, { first: 1, last: 1 })],
    ['ip link set dev br-vlan type bridge vlan_filtering 0', setVlanFiltering('br-vlan', bridge, false)],
    ['ip link add name br-more type bridge vlan_filtering 1', newBridge({ kind: 'bridge', name: 'br-more', alias: '', vlanFiltering: true })],
  ]
  for (const [command, { type, payload }] of pairs) {
    const theirs = await lastMessage(host, command)
    t.deepEqual(messageShape(type, Buffer.concat(payload)), messageShape(theirs.readUInt16LE(4), theirs.subarray(16)), command)
  }
  for (const link of ['br-more', 'p0', 'br-vlan']) await host.try('ip', 'link', 'del', link)
})
