/** A container as asked for, put together with its image: what runs, how, and which ports and volumes that makes. No I/O. */
import type { EndpointSpec, SandboxSpec } from '../../cnm/controller-api.ts'
import { defaultNetworkName } from '../../cnm/names.ts'
import type { PortRequest, SandboxId } from '../../cnm/types.ts'
import { randomHex } from '../../kernel/random.ts'
import type { PortRange, Protocol } from '../../objects/firewall.ts'
import type { ImageDefaults } from '../images/image.ts'
import { resolveCommand } from '../spec/command.ts'
import { buildEnvironment } from '../spec/environment.ts'
import type { ContainerRecord, ContainerSpec, EndpointSettings, MountSpec } from '../types.ts'

/** For `--rootfs`: an image that says nothing. */
export const noDefaults: ImageDefaults = {
  env: [], entrypoint: [], command: [], workdir: '', user: '', exposedPorts: [], volumes: [], labels: {}, stopSignal: '',
}

export interface Identity { readonly id: string, readonly name: string, readonly owner: string, readonly bootId: string }

export interface Surroundings {
  readonly hostHostname: string
  readonly created: string
  /** `--network container:`: the one whose network, and so hostname, this one shares. */
  readonly target?: ContainerRecord
}

/** The record of a container about to be made. @throws invalid-argument when there is no command */
export function newRecord(
  identity: Identity, spec: ContainerSpec,
  image: { readonly id?: string, readonly defaults: ImageDefaults }, around: Surroundings,
): ContainerRecord {
  const [path = '', ...args] = resolveCommand(image.defaults, spec.entrypoint, spec.command)
  const hostname = hostnameOf(identity.id, spec, around)
  const { mounts, anonymousVolumes } = mountsOf(spec, image.defaults)
  return {
    ...identity,
    spec: { ...spec, labels: { ...image.defaults.labels, ...spec.labels } },
    created: around.created,
    status: 'created',
    ...image.id === undefined ? {} : { imageId: image.id },
    path, args,
    env: buildEnvironment({ image: image.defaults.env, user: spec.env, hostname, tty: spec.tty }),
    workdir: spec.workdir ?? (image.defaults.workdir === '' ? '/' : image.defaults.workdir),
    user: spec.user ?? image.defaults.user,
    hostname,
    exposedPorts: [...new Set([...image.defaults.exposedPorts, ...spec.exposed ?? []])],
    stopSignal: spec.stopSignal ?? (image.defaults.stopSignal === '' ? 'SIGTERM' : image.defaults.stopSignal),
    mounts, anonymousVolumes,
    pid: 0, pidStartTime: 0, shimPid: 0, shimStartTime: 0,
    startedAt: neverTime, finishedAt: neverTime,
    exitCode: 0, error: '', oomKilled: false, manuallyStopped: false,
  }
}

/** What Docker shows for a time that has not come. */
export const neverTime = '0001-01-01T00:00:00Z'

function hostnameOf(id: string, spec: ContainerSpec, around: Surroundings): string {
  if (around.target !== undefined) return around.target.hostname
  return spec.hostname ?? (spec.network.mode === 'host' ? around.hostHostname : id.slice(0, 12))
}

/**
 * What `-v` asks for, and an anonymous volume for every path of the image's VOLUME that has no mount of its own. Anonymous
 * volumes get their names here, so that the record knows them before they exist.
 */
function mountsOf(spec: ContainerSpec, defaults: ImageDefaults): Pick<ContainerRecord, 'mounts' | 'anonymousVolumes'> {
  const clean = (path: string): string => path.replace(/\/+$/, '')
  const given = new Set(spec.mounts.map(mount => clean(mount.target)))
  const declared = defaults.volumes.filter(target => !given.has(clean(target)))
  const all = [...spec.mounts, ...declared.map((target): MountSpec => ({ kind: 'volume', target, readOnly: false }))]
  const mounts = all.map(mount => mount.source === undefined ? { ...mount, source: randomHex(32) } : mount)
  return { mounts, anonymousVolumes: mounts.flatMap(({ source = '' }, i) => all[i]?.source === undefined ? [source] : []) }
}

export function sandboxSpec(record: ContainerRecord, target: ContainerRecord | undefined): SandboxSpec {
  const identity = { id: record.id as SandboxId, name: record.name }
  const { network } = record.spec
  if (network.mode === 'container') return { ...identity, mode: 'container', target: (target?.id ?? '') as SandboxId }
  if (network.mode !== 'bridge') return { ...identity, mode: network.mode }
  const ports = portRequests(record)
  // The ports are the container's: whichever endpoint they are given with, the default gateway publishes them.
  const endpoints = endpointsOf(record.spec).map((settings, i) => ({ ...endpointSpec(record, settings), ...i === 0 ? { ports } : {} }))
  // A container that is only stopped keeps its `--ip`; one that removes itself has nothing to keep.
  return { ...identity, mode: 'bridge', endpoints, ...record.spec.autoRemove ? {} : { keepsAddresses: true } }
}

/** The networks of a container of mode bridge. */
export function endpointsOf({ network, ip, ip6, mac }: ContainerSpec): readonly EndpointSettings[] {
  if (network.mode !== 'bridge') return []
  return network.endpoints ?? [{
    network: network.network, ...ip === undefined ? {} : { ip }, ...ip6 === undefined ? {} : { ip6 }, ...mac === undefined ? {} : { mac },
  }]
}

/** On a network with names, the container also answers to its short id and its hostname. */
export function endpointSpec({ id, name, hostname, spec }: ContainerRecord, { driverOptions, ...settings }: EndpointSettings): EndpointSpec {
  const hasNames = settings.network !== defaultNetworkName
  return {
    name, ...settings,
    ...hasNames ? { aliases: [...new Set([...settings.aliases ?? [], id.slice(0, 12), hostname])] } : {},
    ...spec.dns.length === 0 ? {} : { nameservers: spec.dns },
    ...driverOptions === undefined ? {} : { options: driverOptions },
  }
}

function portRequests({ spec, exposedPorts }: ContainerRecord): readonly PortRequest[] {
  return spec.publishAll ? [...spec.ports, ...publishAllPorts(exposedPorts, spec.ports)] : spec.ports
}

/** `-P`: each exposed port that `-p` does not publish already, on a port of tsnet's choice. */
function publishAllPorts(exposed: readonly string[], published: readonly PortRequest[]): readonly PortRequest[] {
  const covered = ({ protocol, container }: PortRequest): boolean => published.some(one =>
    one.protocol === protocol && one.container.first <= container.first && one.container.last >= container.last)
  return exposed.flatMap(parseExposedPort).filter(port => !covered(port))
}

/** `80`, `80/tcp`, `8000-8010/udp`; each port of a range apart, so that one taken port does not forbid the others. */
function parseExposedPort(text: string): readonly PortRequest[] {
  const match = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/.exec(text.toLowerCase())
  if (match === null) return []
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])]
  const protocol = (match[3] ?? 'tcp') as Protocol
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const container: PortRange = { first: first + i, last: first + i }
    return { protocol, container }
  })
}

/** Sentences about options that have no effect; Docker says the same. */
export function modeWarnings(spec: ContainerSpec): readonly string[] {
  if (spec.ports.length === 0 && !spec.publishAll) return []
  if (spec.network.mode === 'host') return ['published ports are discarded in host network mode']
  if (spec.network.mode === 'none') return ['published ports are discarded in network mode none']
  return []
}
