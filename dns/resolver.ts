/** The resolver without its sockets: a message in, a message out, or none for what deserves none. */
import { AnswerCache } from './answer-cache.ts'
import { answer, failure } from './answer.ts'
import type { Directory } from './directory.ts'
import type { Forwarder, Transport } from './forward/forwarder.ts'
import { SERVFAIL } from './message/constants.ts'
import { withoutCookie } from './message/cookie.ts'
import { type Query, decodeQuery, sizeLimit } from './message/query.ts'
import { type Answer, encodeResponse, truncate } from './message/response.ts'

/**
 * Where a question comes from: a network, an address in it, by datagram or stream. What is known of a client is remembered by the object, so
 * the same client should be the same object.
 */
export interface Client {
  readonly networkId: string
  readonly address: string
  readonly transport: Transport
  /** Whose question it is, where the place it came to tells more than the address it came from. */
  readonly sandboxId?: string
}

export interface ResolverOptions {
  /** Who is called what, at this moment: the same object as long as nothing has changed. */
  readonly directory: () => Directory
  /** The servers of the host, at this moment, in lists: one is for when nobody of those before answers. */
  readonly hostServers: () => readonly (readonly string[])[]
  readonly forwarder: Forwarder
}

/**
 * Questions of one client that others are being asked, at once: a quarter of the forwarder's. What comes on top fails at once, so that who asks a
 * great deal of a server that is silent leaves room for the rest.
 */
const maxPerClient = 256

/** So many holders of a name come first in turn. */
const maxRotations = 16

export class Resolver {
  readonly #options: ResolverOptions
  readonly #cache = new AnswerCache<Client>()
  /** How many questions of a client others are being asked. */
  readonly #forwarding = new Map<string, number>()

  constructor(options: ResolverOptions) {
    this.#options = options
  }

  /** Answers at once what is known here, in memory that the next call may write to; a promise where others are asked. */
  resolve(message: Buffer, client: Client): Buffer | undefined | Promise<Buffer> {
    const directory = this.#options.directory()
    return this.#cache.get(message, client, directory) ?? this.#resolve(message, client, directory)
  }

  #resolve(message: Buffer, client: Client, directory: Directory): Buffer | undefined | Promise<Buffer> {
    const query = decodeQuery(message)
    if (query === undefined) return undefined
    if ('rcode' in query) return encodeResponse(query, failure(query.rcode))
    const scope = directory.scopeOf(client)
    const found = answer(query, scope)
    if (found !== 'forward') return this.#cache.put(message, client, rotations(found, one => encodeResponse(query, one, limitOf(query, client))))
    const servers = scope.nameservers.length > 0 ? [scope.nameservers] : this.#options.hostServers()
    const asker = `${client.networkId} ${client.sandboxId ?? client.address}`
    const underWay = this.#forwarding.get(asker) ?? 0
    if (underWay >= maxPerClient) return encodeResponse(query, failure(SERVFAIL))
    this.#forwarding.set(asker, underWay + 1)
    // The message is the caller's again when we return.
    return this.#forward({ ...query, message: Buffer.from(message) }, servers, client).finally(() => this.#answered(asker))
  }

  async #forward(query: Query, servers: readonly (readonly string[])[], client: Client): Promise<Buffer> {
    const message = withoutCookie(query.message, query.questionEnd)
    let reply: Buffer | undefined
    for (const list of servers) reply ??= await this.#options.forwarder.forward(message, list, client.transport)
    if (reply === undefined) return encodeResponse(query, failure(SERVFAIL))
    return reply.length > limitOf(query, client) ? truncate(reply, query.questionEnd) : reply
  }

  #answered(asker: string): void {
    const left = (this.#forwarding.get(asker) ?? 0) - 1
    if (left > 0) this.#forwarding.set(asker, left)
    else this.#forwarding.delete(asker)
  }
}

/** The answer with each of its records first. */
function rotations(found: Answer, encode: (answer: Answer) => Buffer): readonly [Buffer, ...Buffer[]] {
  const others = found.records.slice(1, maxRotations).map((_, index) =>
    encode({ ...found, records: [...found.records.slice(index + 1), ...found.records.slice(0, index + 1)] }))
  return [encode(found), ...others]
}

function limitOf(query: Query, { transport }: Client): number {
  return transport === 'tcp' ? 65_535 : sizeLimit(query)
}
