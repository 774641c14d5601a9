/** VLANs of bridges as bytes, recorded from iproute2 6.1 with strace: index 2 is a bridge, 4 a port of it. */
import test from 'ava'
import { type Attribute, decodeAttributes, encodeAttributes, nested, text, u16, u8 } from '../../../kernel/netlink/attribute.ts'
import { addPortVlan, decodeBridgeVlans, deletePortVlan, setVlanFiltering } from '../../../kernel/netlink/bridge-vlan.ts'
import { newBridge } from '../../../kernel/netlink/link.ts'
import type { NetlinkRequest } from '../../../kernel/netlink/socket.ts'
import { joinVlans } from '../../../kernel/objects/port-vlans.ts'
import type { Session } from '../../../kernel/kernel.ts'
import type { PortVlans } from '../../../objects/object.ts'
import { messageShape } from '../../helpers/link-message.ts'

const recorded: readonly (readonly [command: string, request: NetlinkRequest, bytes: string])[] = [
  ['ip link add name br1 type bridge vlan_filtering 1', newBridge({ kind: 'bridge', name: 'br1', alias: '', vlanFiltering: true }),
    '44000000 10000506 6b0c016b 00000000 00000000 00000000 00000000 00000000 08000300 62723100 1c001200 0a000100 62726964 67650000 0c000200 05000700 01000000'],
  ['ip link set dev br0 type bridge vlan_filtering 1', setVlanFiltering('br0', 2, true),
    '3c000000 10000500 b711016b 00000000 00000000 02000000 00000000 00000000 1c001200 0a000100 62726964 67650000 0c000200 05000700 01000000'],
  ['ip link set dev br0 type bridge vlan_filtering 0', setVlanFiltering('br0', 2, false),
    '3c000000 10000500 b711016b 00000000 00000000 02000000 00000000 00000000 1c001200 0a000100 62726964 67650000 0c000200 05000700 00000000'],
  ['bridge vlan del dev v0 vid 1 master', deletePortVlan('v0', 4, { first: 1, last: 1 }),
    '34000000 11000500 b811016b 00000000 07000000 04000000 00000000 00000000 14001a00 06000000 01000000 08000200 00000100'],
  ['bridge vlan add dev v0 vid 100 pvid untagged master', addPortVlan('v0', 4, { first: 100, last: 100 }, { untagged: true }),
    '34000000 13000500 b811016b 00000000 07000000 04000000 00000000 00000000 14001a00 06000000 01000000 08000200 06006400'],
  ['bridge vlan add dev v0 vid 7 master', addPortVlan('v0', 4, { first: 7, last: 7 }, { untagged: false }),
    '34000000 13000500 b811016b 00000000 07000000 04000000 00000000 00000000 14001a00 06000000 01000000 08000200 00000700'],
  ['bridge vlan add dev v0 vid 200-210 master', addPortVlan('v0', 4, { first: 200, last: 210 }, { untagged: false }),
    '3c000000 13000500 6c0c016b 00000000 07000000 04000000 00000000 00000000 1c001a00 06000000 01000000 08000200 0800c800 08000200 1000d200'],
]

for (const [command, { type, payload }, bytes] of recorded) {
  test(`what is sent is what \`${command}\` sends`, t => {
    const theirs = Buffer.from(bytes.replaceAll(' ', ''), 'hex')
    t.deepEqual(messageShape(type, Buffer.concat(payload)), messageShape(theirs.readUInt16LE(4), theirs.subarray(16)))
  })
}

test('a range of 4094 VLANs is one message', t => {
  const { payload } = addPortVlan('v0', 4, { first: 1, last: 4094 }, { untagged: false })
  const [spec] = decodeAttributes(Buffer.concat(payload), 16)
  t.deepEqual(decodeAttributes(spec?.value ?? Buffer.alloc(0)).map(({ value }) => value.toString('hex')), ['0100', '08000100', '1000fe0f'])
})

test('a bridge says whether it filters VLANs, and where its ports begin', t => {
  const link = (...data: readonly Attribute[]) => ({
    type: 16, flags: 0, sequence: 0, port: 0,
    payload: Buffer.concat([Buffer.alloc(16), encodeAttributes([nested(18, [text(1, 'bridge'), nested(2, data)])])]),
  })
  t.deepEqual(decodeBridgeVlans(link(u8(7, 1), u16(39, 5))), { filtering: true, defaultVlan: 5 })
  t.deepEqual(decodeBridgeVlans(link(u8(7, 0), u16(39, 0))), { filtering: false, defaultVlan: 0 })
  // A kernel without VLANs of bridges.
  t.deepEqual(decodeBridgeVlans(link(u8(7, 0))), { filtering: false, defaultVlan: 1 })
  t.is(decodeBridgeVlans({ ...link(), payload: Buffer.alloc(16) }), undefined)
})

/** The calls that putting a port into VLANs takes. */
function callsOf(vlans: PortVlans, defaultVlan = 1): readonly string[] {
  const calls: string[] = []
  const rtnetlink = {
    bridgeVlans: () => ({ filtering: true, defaultVlan }),
    addPortVlan: (port: string, { first, last }: { first: number, last: number }, { untagged }: { untagged: boolean }) => { calls.push(`add ${port} ${first}-${last}${untagged ? ' untagged' : ''}`) },
    deletePortVlan: (port: string, { first, last }: { first: number, last: number }) => { calls.push(`del ${port} ${first}-${last}`) },
  }
  joinVlans('v0', vlans, { bridge: 'br0', session: { rtnetlink: () => rtnetlink } as unknown as Session })
  return calls
}

test('a port keeps the VLAN that its bridge gives it, or leaves it before it gets others', t => {
  t.deepEqual(callsOf({ untagged: 100, tagged: [], keepsDefault: true }), ['add v0 100-100 untagged'])
  t.deepEqual(callsOf({ untagged: 100, tagged: [[200, 210], [300, 300]], keepsDefault: false }), ['del v0 1-1', 'add v0 100-100 untagged', 'add v0 200-210', 'add v0 300-300'])
  t.deepEqual(callsOf({ tagged: [[7, 7]], keepsDefault: false }, 42), ['del v0 42-42', 'add v0 7-7'])
  t.deepEqual(callsOf({ tagged: [[7, 7]], keepsDefault: false }, 0), ['add v0 7-7'])
})
