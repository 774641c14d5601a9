/**
 * Arguments that are not UTF-8. Node replaces what it cannot read by U+FFFD, so that another file would be mounted, and another text reach the
 * container, than was written: they are refused.
 */
import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { TsnetError } from '../errors/error.ts'

const replacement = '\u{fffd}'

/** @param commandLine its bytes, each argument with a zero behind it @throws invalid-argument */
export function requireUtf8(args: readonly string[], commandLine: () => Buffer = () => readFileSync('/proc/self/cmdline')): void {
  const broken = args.find(arg => arg.includes(replacement))
  if (broken === undefined || isUtf8(commandLine())) return
  throw new TsnetError('invalid-argument', `read arguments: "${broken.slice(0, 80)}" is not UTF-8`)
}
