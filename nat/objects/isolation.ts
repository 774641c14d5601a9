/**
 * What an isolation object means, once for both backends: the rules a packet into a network meets, in order, in words.
 *
 *     packet forwarded to BRIDGE ──▶ intoNetwork(): ends in a verdict, but for `filterOnly`
 *     packet forwarded from BRIDGE to an interface that is not ours ──▶ fromNetwork()
 *
 * What goes from one network of ours to another is decided by the network it goes into. Published ports need no accept of their
 * own: a connection that netfilter has redirected (conntrack status DNAT) got there through a published port. Only where ports are reached at
 * the containers' own addresses, in mode `routed` and by trusted links, there is one accept per port.
 */
import type { IsolationObject } from '../../objects/firewall.ts'

export type Verdict = 'accept' | 'drop'

/**
 * `established`: belongs or is related to a connection; `published`: redirected by a published port; `member`: comes from the
 * same network; `ping`: ICMP; `ports`: a published port at the container's own address, each an accept; `any`: the rest.
 */
export type Arrival = 'established' | 'published' | 'member' | 'ping' | 'ports' | 'any'

export interface ArrivalRule {
  readonly arrival: Arrival
  readonly verdict: Verdict
  /** Only what comes in by this link. */
  readonly link?: string
  /** Only what comes from this subnet. */
  readonly from?: string
}

const accept = (arrival: Arrival): ArrivalRule => ({ arrival, verdict: 'accept' })
const drop = (arrival: Arrival): ArrivalRule => ({ arrival, verdict: 'drop' })

export function intoNetwork(object: IsolationObject): readonly ArrivalRule[] {
  const member: ArrivalRule = { arrival: 'member', verdict: object.icc ? 'accept' : 'drop' }
  if (isClosed(object)) return [member, drop('any')]
  if (object.mode === 'routed') return [accept('established'), ...fromAllowed(object, 'ports'), member, accept('ping'), drop('any')]
  const rest = object.mode !== 'nat-unprotected' ? [drop('any')] : object.filterOnly === true ? [] : [accept('any')]
  const direct = trustedLinks(object).flatMap(link => fromAllowed(object, 'ports').map(rule => ({ ...rule, link })))
  return [accept('established'), ...published(object), ...direct, member, ...rest]
}

/** Members use each other's published ports whatever the policy: it is about those who are not of the network. */
function published(object: IsolationObject): readonly ArrivalRule[] {
  const ofMembers: readonly ArrivalRule[] = object.publishedTo === undefined ? [] : [{ ...accept('published'), link: object.bridge }]
  return [...fromAllowed(object, 'published'), ...ofMembers]
}

function fromAllowed({ publishedTo }: IsolationObject, arrival: Arrival): readonly ArrivalRule[] {
  return publishedTo === undefined ? [accept(arrival)] : publishedTo.map(from => ({ ...accept(arrival), from }))
}

/** The links by which containers are reached at their own addresses, where that is not so by every link. */
export function trustedLinks(object: IsolationObject): readonly string[] {
  return object.mode === 'nat' && !isClosed(object) ? object.trusted ?? [] : []
}

/**
 * Whether TCP connections into and out of the network are told to send no larger segments than their way takes (MSS): a tunnel or uplink
 * that is narrower than the network swallows large packets where somebody on the way drops the ICMP that says so.
 */
export function clampsSegments(object: IsolationObject): boolean {
  return !isClosed(object)
}

/** Whether some published ports are accepted at the containers' own addresses. */
export function hasDirectPorts(object: IsolationObject): boolean {
  return !isClosed(object) && (object.mode === 'routed' || trustedLinks(object).length > 0)
}

/**
 * Docker's containers are on networks of their own, apart from ours: what leaves ours for one of these bridges is let through only to
 * answer, and to ports that Docker publishes. Docker's later releases see to that themselves.
 */
export const dockerBridges = ['docker0', 'docker_gwbridge'] as const

/** What becomes of a packet that leaves the network for an interface that is not ours; `accept` with the exception above. */
export function fromNetwork(object: IsolationObject): Verdict {
  return isClosed(object) ? 'drop' : 'accept'
}

/**
 * Whether packets from elsewhere that carry container addresses are dropped before anything else sees them. Not where containers
 * are meant to be reached by their own addresses, or leave with them.
 */
export function guardsSubnets(object: IsolationObject): boolean {
  if (object.filterOnly === true) return false
  if (isClosed(object)) return true
  return object.mode === 'nat' && object.unmasqueraded !== true
}

/** Whether connections redirected into the network by its published ports need masquerading at all. */
export function hasPublishedPorts(object: IsolationObject): boolean {
  return object.filterOnly !== true && (object.mode === 'nat' || object.mode === 'nat-unprotected')
}

function isClosed(object: IsolationObject): boolean {
  return object.internal || object.mode === 'isolated'
}
