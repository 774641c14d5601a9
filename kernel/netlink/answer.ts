/**
 * The kernel's verdict on a request: errno and, in the extended ACK, the sentence or the attribute that explains it.
 *
 * `NLMSG_ERROR` and `NLMSG_DONE` both begin with minus errno. An error goes on with the request's header (the whole request,
 * unless NETLINK_CAP_ACK), then come the extended ACK's attributes. nf_tables mostly gives no text, only the offset of the
 * attribute it did not like: with the request at hand and a table of names the offset becomes a path such as
 * `NFTA_RULE_EXPRESSIONS/NFTA_LIST_ELEM/NFTA_EXPR_NAME`. Source: lib/nlattr.c, include/uapi/linux/netlink.h (enum nlmsgerr_attrs).
 */
import { TsnetError } from '../../errors/error.ts'
import { attributeMap, locateAttributes, readText, readU32 } from './attribute.ts'
import { type Message, NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN, NLM_F_ACK_TLVS, NLM_F_CAPPED, align } from './message.ts'

export interface Verdict {
  /** Positive; 0 is success. */
  readonly errno: number
  /** The kernel's sentence. */
  readonly text?: string
  /** Where in the request the attribute at fault begins. */
  readonly offset?: number
  /** The type of an attribute that is missing, and the offset of the nest that lacks it. */
  readonly missingType?: number
  readonly missingNest?: number
}

/** Names of attributes for error texts, by type; `nested` names what is inside. */
export interface AttributeNames { readonly [type: number]: string | { readonly name: string, readonly nested: AttributeNames } }

/** How a request is laid out, for finding an attribute in it: the fixed header's length and the attributes' names. */
export interface RequestLayout { readonly headerLength: number, readonly names: AttributeNames }

/** The verdict in an NLMSG_ERROR or NLMSG_DONE message. @throws invalid-message */
export function decodeVerdict(message: Message): Verdict {
  const { payload } = message
  if (message.type === NLMSG_DONE && payload.length < 4) return { errno: 0 }
  if (payload.length < 4) throw new TsnetError('invalid-message', `decode netlink error: ${payload.length} bytes`)
  const errno = Math.abs(payload.readInt32LE(0))
  if ((message.flags & NLM_F_ACK_TLVS) === 0) return { errno }
  const map = attributeMap(payload, message.type === NLMSG_ERROR ? ackAttributesOffset(message, errno) : 4)
  const number = (type: number): number | undefined => {
    const value = map.get(type)
    return value === undefined ? undefined : readU32(value)
  }
  const words = map.get(NLMSGERR_ATTR_MSG)
  return {
    errno,
    ...optional('text', words === undefined ? undefined : readText(words)),
    ...optional('offset', number(NLMSGERR_ATTR_OFFS)),
    ...optional('missingType', number(NLMSGERR_ATTR_MISS_TYPE)),
    ...optional('missingNest', number(NLMSGERR_ATTR_MISS_NEST)),
  }
}

/** What the verdict says in words, or undefined where the kernel gave no more than errno. `request` is the message it is about. */
export function explainVerdict(verdict: Verdict, request: Buffer, layout?: RequestLayout): string | undefined {
  const path = (offset: number | undefined): string | undefined => offset === undefined ? undefined : attributePath(request, offset, layout)
  if (verdict.missingType !== undefined) {
    const nest = layout === undefined ? undefined : namesAt(request, verdict.missingNest, layout)
    const name = nest === undefined ? `${verdict.missingType}` : nameOf(nest, verdict.missingType)
    const where = path(verdict.missingNest)
    return `${verdict.text ?? 'missing attribute'}: ${where === undefined ? '' : `${where}/`}${name}`
  }
  const at = path(verdict.offset)
  if (at === undefined) return verdict.text
  return verdict.text === undefined ? `the kernel objects to ${at}` : `${verdict.text} (${at})`
}

/** The attributes from the outermost inwards that hold byte `offset` of a request, by name; undefined where none does. */
export function attributePath(request: Buffer, offset: number, layout?: RequestLayout): string | undefined {
  const path = walk(request, offset, layout).map(step => step.name)
  return path.length === 0 ? undefined : path.join('/')
}

interface Step { readonly name: string, readonly inner: AttributeNames }

function namesAt(request: Buffer, offset: number | undefined, layout: RequestLayout): AttributeNames {
  return offset === undefined ? layout.names : walk(request, offset, layout).at(-1)?.inner ?? {}
}

/** Descends into the attribute that holds the offset, until one begins at it or none does. */
function walk(request: Buffer, offset: number, layout: RequestLayout | undefined): readonly Step[] {
  const steps: Step[] = []
  let names = layout?.names ?? {}
  let start = NLMSG_HDRLEN + align(layout?.headerLength ?? 0)
  let end = Math.min(request.length, request.length < 4 ? 0 : request.readUInt32LE(0))
  while (layout !== undefined) {
    const found = [...locateAttributes(request, start, end)].find(located => located.start <= offset && offset < located.end)
    if (found === undefined) break
    const { type } = found.attribute
    const entry = names[type]
    names = typeof entry === 'object' ? entry.nested : {}
    steps.push({ name: typeof entry === 'object' ? entry.name : entry ?? `attribute ${type}`, inner: names })
    if (found.start === offset || !found.attribute.nested) break
    start = found.start + 4
    end = found.end
  }
  return steps
}

function nameOf(names: AttributeNames, type: number): string {
  const entry = names[type]
  return typeof entry === 'object' ? entry.name : entry ?? `attribute ${type}`
}

/** Behind the error number and the request's header or, uncapped and failed, the whole request. */
function ackAttributesOffset(message: Message, errno: number): number {
  const { payload } = message
  if (payload.length < 4 + NLMSG_HDRLEN) throw new TsnetError('invalid-message', 'decode netlink error: the request\'s header is missing')
  const capped = errno === 0 || (message.flags & NLM_F_CAPPED) !== 0
  return 4 + (capped ? NLMSG_HDRLEN : align(payload.readUInt32LE(4)))
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : { [key]: value } as { readonly [P in K]: V }
}

const NLMSGERR_ATTR_MSG = 1
const NLMSGERR_ATTR_OFFS = 2
const NLMSGERR_ATTR_MISS_TYPE = 5
const NLMSGERR_ATTR_MISS_NEST = 6
