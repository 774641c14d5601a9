/**
 * The plugin as an express application: one POST for each call of the protocols, and GET /healthz.
 *
 * dockerd sends no Content-Type, and for some calls, or when it sends one again, no body. It reads `Err` from one protocol's answers and
 * `Error` from the other's, so a failure has both. An unknown call is 404, which dockerd takes for "does not have it".
 */
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express'
import { codes, type ErrorKind } from '../errors/codes.ts'
import { TsnetError, isTsnetError } from '../errors/error.ts'
import type { ForeignRuntime } from '../cnm/foreign-api.ts'
import type { CountTurns } from './count-turns.ts'
import { ipamDriver } from './ipam-driver.ts'
import { networkDriver } from './network-driver.ts'
import type { Call, Handlers } from './requests.ts'
import { checkRequest } from './validation.ts'

export interface PluginParts {
  readonly runtime: ForeignRuntime
  readonly turns: CountTurns
  readonly version: string
  /** One line of the log. */
  readonly warn: (line: string) => void
  /** An endpoint has changed. */
  readonly changed: () => void
}

/** 64 000 port bindings, twice, and more. */
const bodyLimit = '32mb'
const contentType = 'application/vnd.docker.plugins.v1.2+json'
/** A v1 client of dockerd waits for ever, so an answer comes in time, whatever the work does. */
const deadlineMs = 20_000

export function pluginApp(parts: PluginParts): Express {
  const handlers: Handlers = {
    'Plugin.Activate': () => ({ Implements: ['NetworkDriver', 'IpamDriver'] }), ...networkDriver(parts), ...ipamDriver(parts),
  }
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok', version: parts.version, pid: process.pid }))
  app.use(express.raw({ type: () => true, limit: bodyLimit }))
  // One route for all, found by its name: express would try one after the other.
  const calls = new Map((Object.keys(handlers) as Call[]).map(call => [`/${call}`, answering(call, handlers, parts)]))
  app.post('/*call', (request, response, next) => {
    const answer = calls.get(request.path)
    return answer === undefined ? next() : answer(request, response, next)
  })
  app.use((request, response) => {
    fail(response, 404, `${request.method} ${request.path.slice(0, 80)}: there is no such call`)
  })
  app.use(badBody)
  return app
}

function answering<C extends Call>(call: C, handlers: Handlers, { warn }: PluginParts): RequestHandler {
  const handle: Handlers[C] = handlers[call]
  return async (request, response) => {
    try {
      const answer = await inTime(call, Promise.resolve(handle(checkRequest(call, request.body))))
      reply(response, 200, answer)
    } catch (error) {
      const { status, message } = describe(error)
      if (status >= 500) warn(`${call}: ${message}`)
      fail(response, status, message)
    }
  }
}

/** The work goes on: what comes next for the same endpoint waits for it. */
async function inTime<T>(call: Call, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TsnetError('timeout', `answer ${call}: it takes more than ${deadlineMs / 1000} s`)), deadlineMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

const statuses: Readonly<Partial<Record<ErrorKind, number>>> = {
  invalid: 400, 'not-found': 404, conflict: 409, 'in-use': 409, exhausted: 409, forbidden: 403, unsupported: 501, unavailable: 503,
}

function describe(error: unknown): { readonly status: number, readonly message: string } {
  if (!isTsnetError(error)) return { status: 500, message: `${error instanceof Error ? error.message : String(error)} (internal-error)` }
  const status = statuses[codes[error.code].kind] ?? 500
  // 404 would say that there is no such call.
  return { status: status === 404 ? 400 : status, message: `${error.message} (${error.code})` }
}

function fail(response: Response, status: number, message: string): void {
  reply(response, status, { Err: message, Error: message })
}

/** As it is: express would look the type up, and hash the body. With its length, so that head and body go in one piece. */
function reply(response: Response, status: number, body: object): void {
  const text = JSON.stringify(body)
  response.sendDate = false
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(text) }).end(text)
}

/** What came before any call: a body that is too large, or cut off. */
const badBody: ErrorRequestHandler = (error: { readonly status?: number, readonly message?: string }, _request, response, _next) => {
  if (response.headersSent) response.destroy()
  else fail(response, error.status ?? 400, `read request: ${error.message ?? 'it is damaged'} (invalid-argument)`)
}
