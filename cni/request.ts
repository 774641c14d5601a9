/**
 * A call as an orchestrator makes it: environment variables and one JSON object, checked in the order and with the words of the reference
 * library, since callers match on its numbers. Source: containernetworking/cni, pkg/skel.
 */
import { cniCodes, cniError } from './error.ts'
import { type JsonObject, isObject, objectOf, stringOf } from './fields.ts'
import { type CniResult, parseResult } from './result.ts'
import { type CniVersion, checkVersion, isAtLeast, supportedVersions } from './version.ts'

export const commands = ['ADD', 'DEL', 'CHECK', 'GC', 'STATUS', 'VERSION'] as const
export type Command = typeof commands[number]

/** Environment by name; what is not set is undefined or absent. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface Request {
  readonly command: Exclude<Command, 'VERSION'>
  readonly version: CniVersion
  readonly network: string
  /** Empty for GC and STATUS, as the next two are. */
  readonly containerId: string
  /** CNI_NETNS as it was given; empty where a DEL has none. */
  readonly netns: string
  readonly ifname: string
  /** CNI_ARGS, parsed: in the order given, unknown keys included. */
  readonly args: ReadonlyMap<string, string>
  /** Folders to look for other plugins in. */
  readonly path: readonly string[]
  readonly config: JsonObject
  /** What another plugin is given: all of it, as it came. */
  readonly environment: Environment
  readonly stdin: string
  /** Of ADD and CHECK. */
  readonly prevResult: CniResult | undefined
}

/** What each command cannot do without. */
const required: Readonly<Record<Command, readonly string[]>> = {
  ADD: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
  CHECK: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
  DEL: ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_PATH'],
  GC: ['CNI_PATH'],
  STATUS: ['CNI_PATH'],
  VERSION: [],
}

/** The first version that has the command. */
const since: Partial<Readonly<Record<Command, CniVersion>>> = { CHECK: '0.4.0', GC: '1.1.0', STATUS: '1.1.0' }

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

/** @throws code 4 for an unknown command, and for what is missing, all of it at once */
export function parseCommand(environment: Environment): Command {
  const word = environment['CNI_COMMAND'] ?? ''
  if (word === '') throw cniError(cniCodes.invalidEnvironment, 'required env variables [CNI_COMMAND] missing')
  const command = commands.find(candidate => candidate === word)
  if (command === undefined) throw cniError(cniCodes.invalidEnvironment, `unknown CNI_COMMAND: ${word.slice(0, 80)}`)
  const missing = required[command].filter(name => (environment[name] ?? '') === '')
  if (missing.length > 0) throw cniError(cniCodes.invalidEnvironment, `required env variables [${missing.join(',')}] missing`)
  return command
}

/** @throws codes 1, 4, 6 and 7 */
export function parseRequest(command: Exclude<Command, 'VERSION'>, environment: Environment, stdin: string): Request {
  const config = parseJson(stdin)
  const version = checkVersion(stringOf(config, 'cniVersion'))
  const first = since[command]
  if (first !== undefined && !isAtLeast(version, first)) {
    throw cniError(cniCodes.incompatibleVersion, `config version does not allow ${command}`)
  }
  const network = stringOf(config, 'name') ?? ''
  if (network === '') throw cniError(cniCodes.invalidNetworkConfig, 'missing network name')
  if (!namePattern.test(network)) throw cniError(cniCodes.invalidNetworkConfig, 'invalid characters found in network name', network.slice(0, 80))
  const [containerId = '', netns = '', ifname = ''] = ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'].map(name => environment[name])
  if (required[command].includes('CNI_CONTAINERID')) {
    checkContainerId(containerId)
    checkInterfaceName(ifname)
  }
  return {
    command, version, network, containerId, netns, ifname, config, environment, stdin,
    args: parseArgs(environment['CNI_ARGS'] ?? ''),
    path: (environment['CNI_PATH'] ?? '').split(':').filter(folder => folder !== ''),
    prevResult: command === 'ADD' || command === 'CHECK' ? prevResultOf(config) : undefined,
  }
}

/** Other commands need none: what is wrong with it stands in the way of no DEL. @throws code 6 */
export function prevResultOf(config: JsonObject): CniResult | undefined {
  const prev = objectOf(config, 'prevResult')
  if (prev === undefined) return undefined
  const version = stringOf(prev, 'cniVersion') ?? ''
  if (version === '' || supportedVersions.some(each => each === version)) return parseResult(prev)
  throw cniError(cniCodes.decodingFailure, `could not parse prevResult: its CNI version is "${version.slice(0, 80)}"`)
}

function parseJson(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const reason = text.trim() === '' ? 'unexpected end of JSON input' : cause instanceof Error ? cause.message : String(cause)
    throw cniError(cniCodes.decodingFailure, `error unmarshall network config: ${reason}`)
  }
  if (isObject(value)) return value
  throw cniError(cniCodes.decodingFailure, 'error unmarshall network config: it is no object')
}

function checkContainerId(id: string): void {
  if (namePattern.test(id)) return
  throw cniError(cniCodes.invalidEnvironment, 'invalid characters in containerID', id.slice(0, 80))
}

function checkInterfaceName(name: string): void {
  const bad = (msg: string, details?: string): Error => cniError(cniCodes.invalidEnvironment, msg, details)
  if (Buffer.byteLength(name) > 15) throw bad('interface name is too long', 'interface name should be less than 16 characters')
  if (name === '.' || name === '..') throw bad('interface name is . or ..')
  if (/[/:\s]/u.test(name)) throw bad('interface name contains / or : or whitespace characters')
  if (name.includes('%')) throw bad('interface name contains %', 'the kernel would put a number in its place')
  if (name === 'all' || name === 'default') throw bad(`interface name is ${name}`, 'the kernel has settings of that name')
}

/** `K=V;K2=V2`. Which keys there may be, each plugin says: `argumentsOf`. @throws code 4 */
function parseArgs(text: string): ReadonlyMap<string, string> {
  if (text === '') return new Map()
  return new Map(text.split(';').map(pair => {
    const [key = '', value, ...rest] = pair.split('=')
    if (value !== undefined && rest.length === 0) return [key, value] as const
    throw cniError(cniCodes.invalidEnvironment, `ARGS: invalid pair "${pair.slice(0, 80)}"`)
  }))
}

/**
 * The arguments that a plugin knows. Others are refused unless `IgnoreUnknown` is true; those of Kubernetes come with it.
 * @throws code 4
 */
export function argumentsOf<K extends string>({ args }: Request, known: readonly K[]): { readonly [key in K]?: string } {
  const unknown = [...args.keys()].filter(key => key !== 'IgnoreUnknown' && !known.some(name => name === key))
  if (unknown.length > 0 && !/^(1|true)$/i.test(args.get('IgnoreUnknown') ?? '')) {
    throw cniError(cniCodes.invalidEnvironment, `ARGS: unknown args ${JSON.stringify(unknown.map(key => `${key}=${args.get(key)}`))}`)
  }
  return Object.fromEntries(known.flatMap(key => args.has(key) ? [[key, args.get(key)]] : [])) as { readonly [key in K]?: string }
}
