/** The resolver without its sockets: a message in, a message out, or none for what deserves none. */
import { type Shuffle, answer, failure } from './answer.ts'
import type { Directory } from './directory.ts'
import type { Forwarder, Transport } from './forward/forwarder.ts'
import { SERVFAIL } from './message/constants.ts'
import { type Query, decodeQuery, sizeLimit } from './message/query.ts'
import { encodeResponse, truncate } from './message/response.ts'

/** Where a question comes from: a network, an address in it, by datagram or stream. */
export interface Client { readonly networkId: string, readonly address: string, readonly transport: Transport }

export interface ResolverOptions {
  /** Who is called what, at this moment. */
  readonly directory: () => Directory
  /** The servers of the host, at this moment. */
  readonly hostServers: () => readonly string[]
  readonly forwarder: Forwarder
  readonly shuffle: Shuffle
}

export class Resolver {
  readonly #options: ResolverOptions

  constructor(options: ResolverOptions) {
    this.#options = options
  }

  /** Answers at once what is known here; a promise where others are asked. */
  resolve(message: Buffer, client: Client): Buffer | undefined | Promise<Buffer> {
    const query = decodeQuery(message)
    if (query === undefined) return undefined
    if ('rcode' in query) return encodeResponse(query, failure(query.rcode))
    const scope = this.#options.directory().scopeOf(client.networkId, client.address)
    const found = answer(query, scope, this.#options.shuffle)
    if (found !== 'forward') return encodeResponse(query, found, limitOf(query, client))
    const servers = scope.nameservers.length > 0 ? scope.nameservers : this.#options.hostServers()
    return this.#forward(query, servers, client)
  }

  async #forward(query: Query, servers: readonly string[], client: Client): Promise<Buffer> {
    const reply = await this.#options.forwarder.forward(query.message, servers, client.transport)
    if (reply === undefined) return encodeResponse(query, failure(SERVFAIL))
    return reply.length > limitOf(query, client) ? truncate(reply, query.questionEnd) : reply
  }
}

/** The same items in an order of chance, each as likely (Fisher and Yates). */
export function shuffled<T>(items: readonly T[]): readonly T[] {
  const order = [...items]
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1))
    const [a, b] = [order[last], order[other]]
    if (a === undefined || b === undefined) continue
    order[last] = b
    order[other] = a
  }
  return order
}

function limitOf(query: Query, { transport }: Client): number {
  return transport === 'tcp' ? 65_535 : sizeLimit(query)
}
