/**
 * Forgetting UDP and SCTP flows that a published port has made wrong: conntrack keeps a flow going where it went when it began, for as long as
 * its packets come, so a client that sent to the port before it was published, or to the container before this one, would never get through.
 *
 * Exact: only flows to the published ports on addresses of this host (publishing), or to the container through them (unpublishing). TCP needs
 * none of it, as a new connection comes from a new port; SCTP's clients keep theirs. Source: net/netfilter/nf_conntrack_netlink.c. Twin:
 * `conntrack -D -p udp --dport PORT …`.
 */
import { canonicalIp, formatIp, ipFromBytes, isLoopback, parseIp } from '../address/ip.ts'
import { closeDetached } from '../kernel/deferred-send.ts'
import { isErrno } from '../kernel/error.ts'
import { type Attribute, attributeMap, be16, bytes, encodeAttributes, nested, u32, u8 } from '../kernel/netlink/attribute.ts'
import type { Message } from '../kernel/netlink/message.ts'
import { NETLINK_NETFILTER } from '../kernel/netlink/native-socket.ts'
import { type NetlinkRequest, NetlinkSocket } from '../kernel/netlink/socket.ts'
import type { KernelObserver } from '../objects/family.ts'
import type { Family, FirewallObject, PublishObject } from '../objects/firewall.ts'

/** A flow as its first packet was, and where it is answered from; `id` and `original` as the kernel gave them. */
interface Flow {
  readonly destination: string
  readonly port: number
  readonly answeredBy: string
  readonly original: Buffer
  readonly id: Buffer
}

export type Occasion = 'publish' | 'unpublish'

/**
 * Deletes the flows that are wrong now that `group` has been published or unpublished, but for those through the ports of `still`. A kernel
 * without ctnetlink has to live with them.
 */
export function forgetFlows(
  group: readonly FirewallObject[], occasion: Occasion, observe: KernelObserver, still: readonly FirewallObject[] = [],
): void {
  const published = group.filter(isTranslated)
  if (published.length === 0) return
  const socket = NetlinkSocket.open(NETLINK_NETFILTER)
  try {
    for (const [family, protocol] of [[4, 'udp'], [6, 'udp'], [4, 'sctp'], [6, 'sctp']] as const) {
      const ours = (objects: readonly PublishObject[]): readonly PublishObject[] =>
        objects.filter(object => object.family === family && object.protocol === protocol)
      forgetOf(socket, { published: ours(published), still: ours(still.filter(isTranslated)), family, protocol, occasion, observe })
    }
  } catch (error) {
    if (!isErrno(error, 'EOPNOTSUPP', 'EINVAL', 'EPROTONOSUPPORT')) throw error
  } finally {
    closeDetached(socket.fd, () => socket.close())
  }
}

function isTranslated(object: FirewallObject): object is PublishObject {
  return object.kind === 'publish' && object.protocol !== 'tcp' && object.routed !== true
}

const numbers = { udp: 17, sctp: 132 } as const
type Kept = keyof typeof numbers

interface Search {
  readonly published: readonly PublishObject[]
  readonly still: readonly PublishObject[]
  readonly family: Family
  readonly protocol: Kept
  readonly occasion: Occasion
  readonly observe: KernelObserver
}

function forgetOf(socket: NetlinkSocket, { published, still, family, protocol, occasion, observe }: Search): void {
  if (published.length === 0) return
  const local = localAddresses()
  const isWrong = (flow: Flow): boolean => published.some(object => occasion === 'publish' ? bypasses(flow, object, local) : passes(flow, object))
    && !still.some(object => passes(flow, object))
  const wrong = readFlows(socket, family, protocol, published).filter(isWrong)
  if (wrong.length === 0) return
  observe(`IPCTNL_MSG_CT_DELETE of ${wrong.length}`)
  const { failures } = socket.batch(wrong.map(flow => deletion(family, flow)))
  const failure = failures.find(({ error }) => !isErrno(error, 'ENOENT'))
  if (failure !== undefined) throw failure.error
}

/** Goes to the port, but not to the container. */
function bypasses(flow: Flow, object: PublishObject, local: ReadonlySet<string>): boolean {
  if (!isTo(flow, object) || flow.answeredBy === canonicalIp(object.containerIp)) return false
  const { hostIp } = object
  return hostIp === undefined ? local.has(flow.destination) || isLoopback(parseIp(flow.destination)) : flow.destination === canonicalIp(hostIp)
}

/** Goes through the port to the container. */
function passes(flow: Flow, object: PublishObject): boolean {
  return isTo(flow, object) && flow.answeredBy === canonicalIp(object.containerIp)
}

function isTo(flow: Flow, object: PublishObject): boolean {
  return flow.port >= object.host.first && flow.port <= object.host.last
}

function localAddresses(): ReadonlySet<string> {
  return new Set(Object.values(process.getBuiltinModule('node:os').networkInterfaces()).flatMap(list => (list ?? []).map(({ address }) => address)))
}

/** Of one port, the kernel looks by itself (Linux 5.8); of more, all the protocol's flows are read at once. */
function readFlows(socket: NetlinkSocket, family: Family, protocol: Kept, published: readonly PublishObject[]): readonly Flow[] {
  const [only] = published
  const port = published.length === 1 && only !== undefined && only.host.first === only.host.last ? only.host.first : undefined
  return socket.dump(flowDump(family, protocol, port)).map(message => decodeFlow(message, protocol)).filter(flow => flow !== undefined)
}

function flowDump(family: Family, protocol: Kept, port: number | undefined): NetlinkRequest {
  const flags = CTA_FILTER_F_CTA_PROTO_NUM | (port === undefined ? 0 : CTA_FILTER_F_CTA_PROTO_DST_PORT)
  return request(IPCTNL_MSG_CT_GET, 'IPCTNL_MSG_CT_GET', family, [
    nested(CTA_TUPLE_ORIG, [nested(CTA_TUPLE_PROTO, [u8(CTA_PROTO_NUM, numbers[protocol]), ...port === undefined ? [] : [be16(CTA_PROTO_DST_PORT, port)]])]),
    nested(CTA_FILTER, [u32(CTA_FILTER_ORIG_FLAGS, flags), u32(CTA_FILTER_REPLY_FLAGS, 0)]),
  ])
}

function deletion(family: Family, flow: Flow): NetlinkRequest {
  return request(IPCTNL_MSG_CT_DELETE, 'IPCTNL_MSG_CT_DELETE', family, [
    { type: CTA_TUPLE_ORIG, nested: true, value: flow.original }, bytes(CTA_ID, flow.id),
  ])
}

/** Undefined for a flow of another protocol, as older kernels do not filter. */
function decodeFlow(message: Message, protocol: Kept): Flow | undefined {
  const map = attributeMap(message.payload, NFGENMSG_LENGTH)
  const original = map.get(CTA_TUPLE_ORIG)
  const reply = map.get(CTA_TUPLE_REPLY)
  const id = map.get(CTA_ID)
  if (original === undefined || reply === undefined || id === undefined) return undefined
  const first = decodeTuple(original)
  const answer = decodeTuple(reply)
  if (first?.protocol !== numbers[protocol] || answer === undefined) return undefined
  return { destination: first.destination, port: first.port, answeredBy: answer.source, original, id }
}

function decodeTuple(tuple: Buffer): { readonly source: string, readonly destination: string, readonly protocol: number, readonly port: number } | undefined {
  const map = attributeMap(tuple)
  const ip = attributeMap(map.get(CTA_TUPLE_IP) ?? Buffer.alloc(0))
  const transport = attributeMap(map.get(CTA_TUPLE_PROTO) ?? Buffer.alloc(0))
  const source = ip.get(CTA_IP_V4_SRC) ?? ip.get(CTA_IP_V6_SRC)
  const destination = ip.get(CTA_IP_V4_DST) ?? ip.get(CTA_IP_V6_DST)
  if (source === undefined || destination === undefined) return undefined
  return {
    source: formatIp(ipFromBytes(source)), destination: formatIp(ipFromBytes(destination)),
    protocol: transport.get(CTA_PROTO_NUM)?.[0] ?? 0, port: transport.get(CTA_PROTO_DST_PORT)?.readUInt16BE(0) ?? 0,
  }
}

function request(type: number, name: string, family: Family, attributes: readonly Attribute[]): NetlinkRequest {
  const generic = Buffer.of(family === 4 ? AF_INET : AF_INET6, 0, 0, 0)
  return { type: NFNL_SUBSYS_CTNETLINK << 8 | type, name, payload: [generic, encodeAttributes(attributes)] }
}

const NFNL_SUBSYS_CTNETLINK = 1
const IPCTNL_MSG_CT_GET = 1
const IPCTNL_MSG_CT_DELETE = 2
const NFGENMSG_LENGTH = 4
const CTA_TUPLE_ORIG = 1
const CTA_TUPLE_REPLY = 2
const CTA_ID = 12
const CTA_FILTER = 25
const CTA_TUPLE_IP = 1
const CTA_TUPLE_PROTO = 2
const CTA_IP_V4_SRC = 1
const CTA_IP_V4_DST = 2
const CTA_IP_V6_SRC = 3
const CTA_IP_V6_DST = 4
const CTA_PROTO_NUM = 1
const CTA_PROTO_DST_PORT = 3
const CTA_FILTER_ORIG_FLAGS = 1
const CTA_FILTER_REPLY_FLAGS = 2
const CTA_FILTER_F_CTA_PROTO_NUM = 1 << 3
const CTA_FILTER_F_CTA_PROTO_DST_PORT = 1 << 5
const AF_INET = 2
const AF_INET6 = 10
