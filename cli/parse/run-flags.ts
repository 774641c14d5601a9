/** The flags of `run` as a ContainerSpec: every string parsed, nothing looked up. */
import { TsnetError } from '../../errors/error.ts'
import type { ContainerSpec, Limits } from '../../runtime/types.ts'
import { parseEnvironment, parsePairs, readEnvironmentFile } from './environment.ts'
import { parseMount } from './mounts.ts'
import { bandwidthOptions } from './endpoint-settings.ts'
import { type FirstEndpoint, parseNetworkModes } from './network-mode.ts'
import { parseExposed, parsePort } from './ports.ts'
import { parseCount, parseCpus, parseMemory } from './quantities.ts'

/** As commander gives them. */
export interface RunFlags {
  readonly detach?: true
  readonly rm?: true
  readonly name?: string
  readonly interactive?: true
  readonly tty?: true
  readonly env?: readonly string[]
  readonly envFile?: readonly string[]
  readonly workdir?: string
  readonly user?: string
  readonly entrypoint?: string
  readonly rootfs?: string
  readonly readOnly?: true
  readonly volume?: readonly string[]
  readonly label?: readonly string[]
  readonly cidfile?: string
  readonly stopSignal?: string
  readonly stopTimeout?: string
  readonly securityOpt?: readonly string[]
  readonly runtime?: string
  readonly dryRun?: true
  readonly network?: readonly string[]
  readonly net?: readonly string[]
  readonly networkAlias?: readonly string[]
  readonly bandwidth?: string
  readonly linkLocalIp?: readonly string[]
  readonly hostname?: string
  readonly publish?: readonly string[]
  readonly publishAll?: true
  readonly expose?: readonly string[]
  readonly ip?: string
  readonly ip6?: string
  readonly macAddress?: string
  readonly dns?: readonly string[]
  readonly dnsSearch?: readonly string[]
  readonly dnsOption?: readonly string[]
  readonly dnsOpt?: readonly string[]
  readonly addHost?: readonly string[]
  readonly memory?: string
  readonly cpus?: string
  readonly pidsLimit?: string
}

export interface Surroundings { readonly env: NodeJS.ProcessEnv, readonly cwd: string }

/** @param words IMAGE COMMAND ARG…, or with --rootfs COMMAND ARG… @throws invalid-argument and what the parsers throw */
export function containerSpec(words: readonly string[], flags: RunFlags, around: Surroundings): ContainerSpec {
  const { env } = around
  const image = flags.rootfs === undefined ? words[0] : undefined
  if (flags.rootfs === undefined && image === undefined) {
    throw new TsnetError('invalid-argument', 'run needs an image, or --rootfs DIR; `tsnet run --help` lists its options')
  }
  if (flags.rootfs === '') throw new TsnetError('invalid-argument', '--rootfs: the folder is missing; example: --rootfs ./alpine')
  const { network, addresses } = networkOf(flags)
  return {
    ...image === undefined ? {} : { image },
    ...addresses,
    ...given({
      rootfs: flags.rootfs === undefined || flags.rootfs.startsWith('/') ? flags.rootfs : `${around.cwd}/${flags.rootfs}`,
      name: flags.name, hostname: flags.hostname, entrypoint: flags.entrypoint, workdir: flags.workdir, user: flags.user,
      stopSignal: flags.stopSignal, runtime: flags.runtime,
      stopTimeoutSeconds: flags.stopTimeout === undefined ? undefined : parseCount('--stop-timeout', flags.stopTimeout, -1),
    }),
    command: flags.rootfs === undefined ? words.slice(1) : words,
    env: [
      ...(flags.envFile ?? []).flatMap(path => readEnvironmentFile(path, env)),
      ...(flags.env ?? []).flatMap(text => parseEnvironment(text, env)),
    ],
    labels: parsePairs(flags.label ?? [], 'label'),
    network,
    ports: (flags.publish ?? []).map(parsePort),
    publishAll: flags.publishAll ?? false,
    ...flags.expose === undefined ? {} : { exposed: [...new Set(flags.expose.flatMap(parseExposed))] },
    dns: flags.dns ?? [], dnsSearch: flags.dnsSearch ?? [], dnsOptions: [...flags.dnsOption ?? [], ...flags.dnsOpt ?? []],
    extraHosts: (flags.addHost ?? []).map(text => text.replace(/^([^:=]+)=/, '$1:')),
    readOnly: flags.readOnly ?? false,
    mounts: (flags.volume ?? []).map(text => parseMount(text, around)),
    limits: limitsOf(flags),
    autoRemove: flags.rm ?? false,
    detach: flags.detach ?? false,
    interactive: flags.interactive ?? false,
    tty: flags.tty ?? false,
    noNewPrivileges: (flags.securityOpt ?? []).some(isNoNewPrivileges),
  }
}

/** What is said of the first network belongs to it, or to the container where there is no more to say of networks. */
function networkOf(flags: RunFlags): Pick<ContainerSpec, 'network'> & { readonly addresses: Omit<FirstEndpoint, 'aliases' | 'driverOptions' | 'linkLocal'> } {
  const addresses = given({ ip: flags.ip, ip6: flags.ip6, mac: flags.macAddress })
  const limits = bandwidthOptions(flags.bandwidth)
  const driverOptions = Object.keys(limits).length === 0 ? undefined : limits
  const first: FirstEndpoint = { ...addresses, ...given({ aliases: flags.networkAlias, driverOptions, linkLocal: flags.linkLocalIp }) }
  const network = parseNetworkModes([...flags.network ?? [], ...flags.net ?? []], first)
  return network.mode === 'bridge' && network.endpoints !== undefined ? { network, addresses: {} } : { network, addresses }
}

function limitsOf({ memory, cpus, pidsLimit }: RunFlags): Limits {
  const pids = pidsLimit === undefined ? 0 : parseCount('--pids-limit', pidsLimit, -1)
  return given({
    // Docker: 0 means no limit, of processes -1 too.
    memoryBytes: memory === undefined ? undefined : parseMemory(memory) || undefined,
    cpuQuotaUs: cpus === undefined || Number(cpus) === 0 ? undefined : parseCpus(cpus),
    pids: pids > 0 ? pids : undefined,
  })
}

function isNoNewPrivileges(option: string): boolean {
  if (['no-new-privileges', 'no-new-privileges:true', 'no-new-privileges=true'].includes(option)) return true
  if (['no-new-privileges:false', 'no-new-privileges=false'].includes(option)) return false
  throw new TsnetError('invalid-argument', `--security-opt "${option}": it is not known; there is no-new-privileges`)
}

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> }

/** Leaves out what is undefined. */
function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>
}
