/**
 * Failures in the numbers of the CNI specification, and how any failure of tsnet is told to an orchestrator: `{code, msg, details}` on
 * standard output. Source: CNI SPEC.md, section "Error"; 999 is what the reference plugins answer for everything without a number.
 */
import { type ErrorCode } from '../errors/codes.ts'
import { TsnetError, isTsnetError } from '../errors/error.ts'

export const cniCodes = {
  incompatibleVersion: 1, unsupportedField: 2, unknownContainer: 3, invalidEnvironment: 4, ioFailure: 5, decodingFailure: 6,
  invalidNetworkConfig: 7, tryAgainLater: 11, pluginNotAvailable: 50, other: 999,
} as const

export interface CniFailure { readonly code: number, readonly msg: string, readonly details?: string }

export function cniError(code: number, msg: string, details?: string): TsnetError {
  return new TsnetError('cni-error', msg, { data: { cniCode: code, ...details === undefined ? {} : { details } } })
}

/** What tsnet's own codes are in the specification's numbers; 999 where absent. */
const numbers: Partial<Readonly<Record<ErrorCode, number>>> = {
  'store-error': cniCodes.ioFailure,
  // Who holds the port may be a container whose removal is under way.
  'port-in-use': cniCodes.tryAgainLater,
  'timeout': cniCodes.tryAgainLater,
}

export function failureOfError(error: unknown): CniFailure {
  if (isTsnetError(error, 'cni-error')) {
    const { cniCode, details } = error.data
    const code = typeof cniCode === 'number' ? cniCode : cniCodes.other
    return { code, msg: error.message, ...typeof details === 'string' ? { details } : {} }
  }
  if (isTsnetError(error)) return { code: numbers[error.code] ?? cniCodes.other, msg: error.message, details: `tsnet: ${error.code}` }
  if (error instanceof Error && 'syscall' in error) return { code: cniCodes.ioFailure, msg: error.message }
  return { code: cniCodes.other, msg: error instanceof Error ? error.message : String(error) }
}

/** What stands in the way of a STATUS stands in the way of an ADD: number 50, where it has none of its own. */
export function unavailable(error: unknown): TsnetError {
  const { code, msg, details } = failureOfError(error)
  const isOwn = code !== cniCodes.other && code !== cniCodes.ioFailure
  return cniError(isOwn ? code : cniCodes.pluginNotAvailable, msg, details)
}
