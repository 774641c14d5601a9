/**
 * The files tsnet manages for a container: /etc/hosts, /etc/hostname and /etc/resolv.conf, kept in the container's folder and
 * bind-mounted over the image's. What they say is decided here from plain data; `writeContainerFiles` is the only part that
 * touches a disk.
 *
 * Invariant: a container of another one's network (`container:`) has that one's files, and writes none.
 */
import { writeFileSync } from 'node:fs'
import { familyOf } from '../../address/ip.ts'
import type { Attachment } from '../../cnm/controller-api.ts'
import type { EndpointRecord } from '../../cnm/types.ts'
import { formatHostEntries, formatHostsFile, type HostEntry } from '../../dns/hosts-file.ts'
import { containerResolvConf, formatResolvConf, parseResolvConf } from '../../dns/resolv-conf.ts'
import { TsnetError } from '../../errors/error.ts'
import type { OciMount } from '../oci-spec.ts'
import type { ContainerPaths } from '../paths.ts'
import { bindMount } from '../spec/mounts.ts'
import type { ContainerSpec } from '../types.ts'

/** Texts of the host's own files; empty where there is none. */
export interface HostFiles {
  readonly hosts: string
  readonly resolvConf: string
  /** /run/systemd/resolve/resolv.conf */
  readonly resolvedConf: string
}

export interface FileSources {
  readonly spec: ContainerSpec
  readonly hostname: string
  readonly attachment: Pick<Attachment, 'endpoints'>
  readonly host: HostFiles
  /** Addresses of tsnet's resolver for the container's networks; empty where they have none: then the host's servers are used. */
  readonly resolvers: readonly string[]
}

export interface ContainerFiles { readonly hosts: string, readonly hostname: string, readonly resolvConf: string }

/** @throws invalid-argument for a bad `--add-host`; no-nameserver where a container needs one and can reach none */
export function containerFiles(sources: FileSources): ContainerFiles {
  return {
    hosts: hostsOf(sources),
    hostname: `${sources.hostname}\n`,
    resolvConf: resolvConfText(sources),
  }
}

export function writeContainerFiles(paths: ContainerPaths, files: ContainerFiles): void {
  writeFileSync(paths.hosts, files.hosts, { mode: 0o644 })
  writeFileSync(paths.hostname, files.hostname, { mode: 0o644 })
  writeFileSync(paths.resolvConf, files.resolvConf, { mode: 0o644 })
}

export function fileMounts(paths: ContainerPaths): readonly OciMount[] {
  return [
    bindMount(paths.resolvConf, '/etc/resolv.conf', false),
    bindMount(paths.hostname, '/etc/hostname', false),
    bindMount(paths.hosts, '/etc/hosts', false),
  ]
}

/** `NAME:ADDRESS` or `NAME=ADDRESS`, IPv6 with or without brackets; `host-gateway` stays as it is. @throws invalid-argument */
export function parseExtraHost(text: string): { readonly name: string, readonly address: string } {
  const match = /^([^:=\s]+)[:=](.+)$/.exec(text)
  const [name, address] = [match?.[1], match?.[2]?.replace(/^\[(.*)\]$/, '$1')]
  if (name === undefined || address === undefined || address !== hostGateway && familyOf(address) === undefined) {
    throw new TsnetError('invalid-argument', `add host "${text}": give NAME:ADDRESS, with an IP address or host-gateway`)
  }
  return { name, address }
}

const hostGateway = 'host-gateway'

function hostsOf({ spec, hostname, attachment, host }: FileSources): string {
  const extra = spec.extraHosts.map((text): HostEntry => {
    const { name, address } = parseExtraHost(text)
    return { address: address === hostGateway ? gatewayOf(spec, attachment) : address, names: [name] }
  })
  if (spec.network.mode === 'host') return `${host.hosts}${formatHostEntries(extra)}`
  const addresses = attachment.endpoints.flatMap(({ endpoint }) => endpoint.addresses)
  return formatHostsFile({
    ipv6: addresses.some(address => address.family === 6),
    extra,
    own: attachment.endpoints.flatMap(({ endpoint }) => ownHostEntries(hostname, endpoint)),
  })
}

/** How a container is called in its own hosts file: by a hostname with a domain, and by the first part of that. */
export function hostNames(hostname: string): readonly string[] {
  return hostname.includes('.') ? [hostname, hostname.slice(0, hostname.indexOf('.'))] : [hostname]
}

/** The rows of a container's hosts file for its addresses on one network. */
export function ownHostEntries(hostname: string, { addresses }: Pick<EndpointRecord, 'addresses'>): readonly HostEntry[] {
  const names = hostNames(hostname)
  return addresses.map(({ cidr }) => ({ address: cidr.replace(/\/.*$/, ''), names }))
}

/** The host as the container sees it: the first gateway, IPv4 before IPv6; itself where the container is in its namespace. */
function gatewayOf(spec: ContainerSpec, attachment: Pick<Attachment, 'endpoints'>): string {
  if (spec.network.mode === 'host') return '127.0.0.1'
  const subnets = attachment.endpoints.flatMap(({ network }) => network.subnets).filter(subnet => subnet.gateway !== undefined)
  const gateway = (subnets.find(subnet => subnet.family === 4) ?? subnets[0])?.gateway
  if (gateway === undefined) {
    throw new TsnetError('invalid-argument',
      'add host with host-gateway: the container\'s network has no gateway; give an address')
  }
  return gateway
}

/** /etc/resolv.conf for the networks that a container has at the moment. @throws no-nameserver */
export function resolvConfText({ spec, attachment, host, resolvers }: Omit<FileSources, 'hostname'>): string {
  const { dns, dnsSearch, dnsOptions } = spec
  const copied = containerResolvConf({
    host: host.resolvConf, fallback: host.resolvedConf, dns, dnsSearch, dnsOptions, ownNamespace: spec.network.mode !== 'host',
  })
  if (resolvers.length > 0) {
    const options = dnsOptions.some(isNdots) || copied.options.some(isNdots) ? copied.options : [...copied.options, 'ndots:0']
    return formatResolvConf({ ...copied, nameservers: resolvers, options })
  }
  const hostHas = parseResolvConf(host.resolvConf).nameservers
  if (copied.nameservers.length === 0 && hostHas.length > 0 && attachment.endpoints.length > 0) throw noNameserver(hostHas)
  return formatResolvConf(copied)
}

function isNdots(option: string): boolean {
  return option.startsWith('ndots:')
}

function noNameserver(servers: readonly string[]): TsnetError {
  return new TsnetError('no-nameserver', `make resolv.conf: the host's nameservers (${servers.join(', ')}) are on its loopback, `
    + 'where a container cannot reach them; give one with --dns', { data: { servers } })
}
