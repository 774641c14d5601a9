/** A container as `inspect` shows it: Docker's field names and shapes. */
import { join } from 'node:path'
import type { ContainerDetails } from '../../runtime/container-service-api.ts'
import type { ContainerRecord, MountSpec, NetworkMode } from '../../runtime/types.ts'
import { networkSettings } from './container-network.ts'

const never = '0001-01-01T00:00:00Z'

export function inspectContainer(details: ContainerDetails): Readonly<Record<string, unknown>> {
  const { record, paths } = details
  return {
    Id: record.id,
    Created: record.created,
    Path: record.path,
    Args: record.args,
    State: stateOf(record),
    Image: record.imageId ?? '',
    ResolvConfPath: paths.resolvConf,
    HostnamePath: paths.hostname,
    HostsPath: paths.hosts,
    LogPath: paths.log,
    Name: `/${record.name}`,
    RestartCount: 0,
    Driver: record.imageId === undefined ? 'directory' : 'overlay2',
    Platform: 'linux',
    MountLabel: '', ProcessLabel: '', AppArmorProfile: '',
    ExecIDs: null,
    HostConfig: hostConfigOf(record),
    GraphDriver: graphDriverOf(details),
    Mounts: details.mounts.map(mountOf),
    Config: configOf(details),
    NetworkSettings: networkSettings(details),
  }
}

function stateOf(record: ContainerRecord): Readonly<Record<string, unknown>> {
  const isRunning = record.status === 'running'
  return {
    Status: record.status, Running: isRunning, Paused: false, Restarting: false, OOMKilled: record.oomKilled, Dead: record.status === 'dead',
    Pid: isRunning ? record.pid : 0, ExitCode: record.exitCode, Error: record.error,
    StartedAt: record.startedAt || never, FinishedAt: record.finishedAt || never,
  }
}

/** `bridge`, `host`, `none`, `container:ID` or the name of a network. */
export function networkModeText(network: NetworkMode): string {
  switch (network.mode) {
    case 'bridge': return network.network
    case 'container': return `container:${network.container}`
    case 'host':
    case 'none': return network.mode
  }
}

function hostConfigOf({ spec }: ContainerRecord): Readonly<Record<string, unknown>> {
  return {
    Binds: spec.mounts.filter(({ source }) => source !== undefined).map(({ source, target, readOnly }) => `${source}:${target}${readOnly ? ':ro' : ''}`),
    NetworkMode: networkModeText(spec.network),
    PortBindings: portBindings(spec),
    PublishAllPorts: spec.publishAll,
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    AutoRemove: spec.autoRemove,
    Privileged: false,
    ReadonlyRootfs: spec.readOnly,
    Dns: spec.dns, DnsOptions: spec.dnsOptions, DnsSearch: spec.dnsSearch,
    ExtraHosts: spec.extraHosts,
    Memory: spec.limits.memoryBytes ?? 0,
    NanoCpus: (spec.limits.cpuQuotaUs ?? 0) * 10_000,
    PidsLimit: spec.limits.pids ?? null,
    SecurityOpt: spec.noNewPrivileges ? ['no-new-privileges'] : null,
    Runtime: spec.runtime ?? 'tsnet',
    ...spec.rootfs === undefined ? {} : { Rootfs: spec.rootfs },
  }
}

function portBindings({ ports }: ContainerRecord['spec']): Readonly<Record<string, readonly unknown[]>> {
  const bindings: Record<string, unknown[]> = {}
  for (const { hostIp = '', host, container, protocol } of ports) {
    for (let offset = 0; offset <= container.last - container.first; offset += 1) {
      const isChoice = host !== undefined && container.first === container.last && host.first !== host.last
      const HostPort = host === undefined ? '' : isChoice ? `${host.first}-${host.last}` : String(host.first + offset)
      const key = `${container.first + offset}/${protocol}`
      bindings[key] = [...bindings[key] ?? [], { HostIp: hostIp, HostPort }]
    }
  }
  return bindings
}

function graphDriverOf({ record, paths }: ContainerDetails): Readonly<Record<string, unknown>> {
  if (record.imageId === undefined) return { Name: 'directory', Data: { RootDir: record.spec.rootfs ?? '' } }
  return { Name: 'overlay2', Data: { UpperDir: join(paths.directory, 'upper'), WorkDir: join(paths.directory, 'work') } }
}

function mountOf({ kind, source, target, readOnly, hostPath }: MountSpec & { readonly hostPath: string }): Readonly<Record<string, unknown>> {
  return {
    Type: kind,
    ...kind === 'volume' ? { Name: source ?? '', Driver: 'local' } : {},
    Source: hostPath, Destination: target, Mode: readOnly ? 'ro' : '', RW: !readOnly, Propagation: kind === 'bind' ? 'rprivate' : '',
  }
}

function configOf({ record, image }: ContainerDetails): Readonly<Record<string, unknown>> {
  const { spec } = record
  return {
    Hostname: record.hostname, Domainname: '', User: record.user,
    AttachStdin: spec.interactive && !spec.detach, AttachStdout: !spec.detach, AttachStderr: !spec.detach,
    Tty: spec.tty, OpenStdin: spec.interactive, StdinOnce: spec.interactive && !spec.detach,
    ...exposedPorts(record),
    Env: record.env,
    Cmd: orNull(spec.command) ?? orNull(image?.defaults.command),
    Image: spec.image ?? '',
    Volumes: null,
    WorkingDir: record.workdir,
    Entrypoint: spec.entrypoint === undefined ? orNull(image?.defaults.entrypoint) : orNull([spec.entrypoint].filter(Boolean)),
    Labels: { ...image?.defaults.labels, ...spec.labels },
    StopSignal: record.stopSignal,
    ...spec.stopTimeoutSeconds === undefined ? {} : { StopTimeout: spec.stopTimeoutSeconds },
  }
}

/** What the image or `--expose` names, and what is published; no such field where there is nothing, as with Docker. */
function exposedPorts({ exposedPorts: exposed, spec }: ContainerRecord): Readonly<Record<string, unknown>> {
  const ports = new Set([...exposed, ...Object.keys(portBindings(spec))])
  return ports.size === 0 ? {} : { ExposedPorts: Object.fromEntries([...ports].map(port => [port, {}])) }
}

/** Docker's JSON has null where there is no list. */
function orNull(list: readonly string[] | undefined): readonly string[] | null {
  return list === undefined || list.length === 0 ? null : list
}
