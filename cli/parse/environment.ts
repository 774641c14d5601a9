/** `-e KEY[=VALUE]` and `--env-file FILE`, by Docker's rules; likewise labels. */
import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { TsnetError } from '../../errors/error.ts'
import { fileReason } from '../../errors/file-reason.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A bare KEY takes the value of tsnet's own environment, and is left out where there is none. @throws invalid-argument */
export function parseEnvironment(text: string, own: Environment): readonly string[] {
  const equals = text.indexOf('=')
  if (equals === 0 || text === '') throw new TsnetError('invalid-argument', `environment "${text}": the name is missing; example: KEY=VALUE`)
  if (equals > 0) return [text]
  const value = own[text]
  return value === undefined ? [] : [`${text}=${value}`]
}

/** Lines of KEY=VALUE or KEY; blank lines and lines that begin with `#` are passed over. @throws invalid-argument */
export function readEnvironmentFile(path: string, own: Environment): readonly string[] {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw new TsnetError('invalid-argument', `read environment file "${path}": ${fileReason(cause)}`, { cause })
  }
  if (!isUtf8(bytes)) throw new TsnetError('invalid-argument', `read environment file "${path}": it is not UTF-8`)
  return bytes.toString('utf8').replace(/^\ufeff/, '').split(/\r?\n/).flatMap((line, index) => {
    const entry = line.trimStart()
    if (entry === '' || entry.startsWith('#')) return []
    const key = entry.split('=', 1)[0] ?? ''
    if (key === '' || /\s/.test(key)) {
      throw new TsnetError('invalid-argument', `environment file "${path}", line ${index + 1}: "${key}" is no variable name`)
    }
    return parseEnvironment(entry, own)
  })
}

/** `KEY[=VALUE]` pairs, as of `--label` and `--opt`. @throws invalid-argument */
export function parsePairs(texts: readonly string[], what: string): Readonly<Record<string, string>> {
  return Object.fromEntries(texts.map(text => {
    const equals = text.indexOf('=')
    if (equals === 0 || text === '') throw new TsnetError('invalid-argument', `${what} "${text}": the name is missing; example: KEY=VALUE`)
    return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)]
  }))
}
