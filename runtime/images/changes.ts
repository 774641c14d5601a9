/**
 * `--change` of `image import`: Dockerfile instructions that set the new image's configuration.
 *
 * The subset and the forms are `docker import`'s: CMD, ENTRYPOINT (JSON array or a shell line), ENV, EXPOSE, LABEL, STOPSIGNAL, USER,
 * VOLUME, WORKDIR. Variables are not expanded. Source: moby builder/dockerfile, Dockerfile reference.
 */
import { TsnetError } from '../../errors/error.ts'
import type { ContainerConfigJson } from './image-json.ts'

/** Applies one instruction; later ones win. */
type Instruction = (config: ContainerConfigJson, text: string) => ContainerConfigJson

const instructions: Readonly<Record<string, Instruction>> = {
  CMD: (config, text) => ({ ...config, Cmd: commandOf(text) }),
  ENTRYPOINT: (config, text) => ({ ...config, Entrypoint: commandOf(text) }),
  ENV: (config, text) => {
    const given = pairsOf(text)
    const kept = (config.Env ?? []).filter(entry => !given.has(entry.split('=', 1)[0] ?? ''))
    return { ...config, Env: [...kept, ...[...given].map(([name, value]) => `${name}=${value}`)] }
  },
  EXPOSE: (config, text) => ({ ...config, ExposedPorts: { ...config.ExposedPorts, ...keysOf(words(text).flatMap(portsOf)) } }),
  LABEL: (config, text) => ({ ...config, Labels: { ...config.Labels, ...Object.fromEntries(pairsOf(text)) } }),
  STOPSIGNAL: (config, text) => ({ ...config, StopSignal: oneWord(text) }),
  USER: (config, text) => ({ ...config, User: oneWord(text) }),
  VOLUME: (config, text) => ({ ...config, Volumes: { ...config.Volumes, ...keysOf(jsonArray(text) ?? words(text)) } }),
  WORKDIR: (config, text) => ({ ...config, WorkingDir: text.startsWith('/') ? text : `${config.WorkingDir ?? ''}/${text}` }),
}

/** @throws invalid-argument naming the instruction */
export function applyChanges(changes: readonly string[]): ContainerConfigJson {
  let config: ContainerConfigJson = {}
  for (const line of changes.flatMap(change => change.split('\n')).map(change => change.trim()).filter(change => change !== '')) {
    const [, name = '', text = ''] = /^(\S+)\s*(.*)$/s.exec(line) ?? []
    const instruction = Object.hasOwn(instructions, name.toUpperCase()) ? instructions[name.toUpperCase()] : undefined
    if (instruction === undefined) {
      throw refused(line, `"${name}" is not one of ${Object.keys(instructions).join(', ')}`)
    }
    if (text === '') throw refused(line, `${name.toUpperCase()} needs a value`)
    try {
      config = instruction(config, text)
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause
      throw refused(line, cause.message)
    }
  }
  return config
}

function refused(line: string, reason: string): TsnetError {
  return new TsnetError('invalid-argument', `read change "${line}": ${reason}`, { data: { change: line } })
}

/** A JSON array as it is; anything else is a line for the shell. */
function commandOf(text: string): readonly string[] {
  return jsonArray(text) ?? ['/bin/sh', '-c', text]
}

function jsonArray(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  return Array.isArray(value) && value.every(item => typeof item === 'string') ? value : undefined
}

/** `A=1 B="two words"`, or the old `NAME the rest`. */
function pairsOf(text: string): ReadonlyMap<string, string> {
  const [first = '', ...rest] = words(text)
  if (!first.includes('=')) {
    if (rest.length === 0) throw new RangeError(`"${first}" has no value`)
    return new Map([[first, text.slice(first.length).trim()]])
  }
  return new Map([first, ...rest].map((pair): [string, string] => {
    const equals = pair.indexOf('=')
    if (equals < 1) throw new RangeError(`"${pair}" is not NAME=VALUE`)
    return [pair.slice(0, equals), pair.slice(equals + 1)]
  }))
}

/** Splits at blanks; quotes and backslashes keep them, as in a Dockerfile. */
function words(text: string): readonly string[] {
  const found: string[] = []
  let word: string | undefined
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? ''
    if (character === '\\' && quote !== '\'' && i + 1 < text.length) {
      word = (word ?? '') + (text[++i] ?? '')
    } else if (quote !== '' && character === quote) {
      quote = ''
    } else if (quote === '' && (character === '"' || character === '\'')) {
      quote = character
      word ??= ''
    } else if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) found.push(word)
      word = undefined
    } else {
      word = (word ?? '') + character
    }
  }
  if (quote !== '') throw new RangeError('a quote is not closed')
  return word === undefined ? found : [...found, word]
}

/** `80`, `53/udp`, `8000-8002/tcp` */
function portsOf(text: string): readonly string[] {
  const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(text)
  const first = Number(match?.[1])
  const last = Number(match?.[2] ?? first)
  if (match === null || first < 1 || last > 65535 || last < first) throw new RangeError(`"${text}" is not PORT[-LAST][/PROTOCOL]`)
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${(match[3] ?? 'tcp').toLowerCase()}`)
}

function oneWord(text: string): string {
  const [word, ...more] = words(text)
  if (word === undefined || more.length > 0) throw new RangeError(`"${text}" is not one word`)
  return word
}

function keysOf(names: readonly string[]): Readonly<Record<string, object>> {
  return Object.fromEntries(names.map(name => [name, {}]))
}
