/** A request's body as what the call takes, or a sentence on what is wrong with it. */
import { TsnetError } from '../errors/error.ts'
import type { Call, Requests } from './requests.ts'
import * as validators from './validators.generated.ts'

interface Finding { readonly instancePath: string, readonly message?: string }
type Validator = ((value: unknown) => boolean) & { readonly errors?: readonly Finding[] | null }

/** @param body a Buffer, or nothing where there was no body @throws invalid-argument */
export function checkRequest<C extends Call>(call: C, body: unknown): Requests[C] {
  const value = parse(call, body)
  const validate = (validators as unknown as Readonly<Record<string, Validator>>)[call.replace('.', '')]
  if (validate === undefined) throw new TsnetError('internal-error', `read ${call}: it has no schema`)
  if (validate(value)) return value as Requests[C]
  const [first] = validate.errors ?? []
  const where = (first?.instancePath ?? '').slice(1).replaceAll('/', '.')
  throw new TsnetError('invalid-argument', `read ${call}: ${where === '' ? '' : `"${where.slice(0, 80)}" `}${first?.message ?? 'it is malformed'}`)
}

/** Nothing stands for {}: for the calls that take nothing, and for those that come again without their body, which say what they miss. */
function parse(call: Call, body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return {}
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch (cause) {
    throw new TsnetError('invalid-argument', `read ${call}: the body is no JSON`, { cause })
  }
}
