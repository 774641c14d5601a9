/**
 * Host ports for published ports: explicit ones, the first free of a range, or ones that tsnet chooses; all or none.
 *
 * The descriptors hold the ports for as long as some process keeps them open: the shim of a container, or `tsnet serve`. A port
 * that tsnet chooses has the same number on IPv4 and IPv6.
 */
import { familyOf, isUnspecified, parseIp } from '../../address/ip.ts'
import type { PortReservation, PortReserver } from '../../cnm/ports.ts'
import type { PortBinding, PortRequest } from '../../cnm/types.ts'
import { TsnetError } from '../../errors/error.ts'
import { close } from '../../kernel/syscalls/descriptor.ts'
import type { Family, PortRange, Protocol } from '../../objects/firewall.ts'
import { candidates, readEphemeralPorts } from './ephemeral.ts'
import { raiseFileLimit } from './file-limit.ts'
import { type BindResult, type HostAddress, bindPort } from './socket.ts'

export interface PortAllocatorOptions {
  /** Name of the container of tsnet's own that has the port published, for the message. */
  readonly findContainer?: (protocol: Protocol, port: number) => string | undefined
  /** The last port that was chosen by tsnet, to go on after it; without it, the start is random. */
  readonly last?: { readonly get: () => number | undefined, readonly set: (port: number) => void }
}

interface Job { readonly index: number, readonly request: PortRequest, readonly addresses: readonly HostAddress[] }

export class PortAllocator implements PortReserver {
  readonly #options: PortAllocatorOptions

  constructor(options: PortAllocatorOptions = {}) {
    this.#options = options
  }

  /** @throws port-in-use naming the holder, port-range-exhausted, invalid-address, invalid-port, permission-denied */
  reserve(requests: readonly PortRequest[], families: readonly Family[]): PortReservation {
    const jobs = requests.map((request, index): Job => ({ index, request, addresses: addressesOf(request, families) }))
    for (const { request } of jobs) checkSizes(request)
    raiseFileLimit(jobs.reduce((sum, { request, addresses }) => sum + sizeOf(request.container) * addresses.length, 0))
    const descriptors: number[] = []
    const bindings: PortBinding[] = []
    try {
      // Exact ports before those that can give way.
      for (const job of jobs.toSorted((a, b) => freedomOf(a.request) - freedomOf(b.request))) {
        const host = this.#reserveOne(job, { descriptors, bindings })
        bindings[job.index] = bindingOf(job.request, host)
      }
    } catch (error) {
      this.release(descriptors)
      throw error
    }
    return { bindings, descriptors }
  }

  release(descriptors: readonly number[]): void {
    descriptors.forEach(close)
  }

  #reserveOne(job: Job, { descriptors, bindings }: { readonly descriptors: number[], readonly bindings: readonly PortBinding[] }): PortRange {
    const { request } = job
    const size = sizeOf(request.container)
    const starts = startsOf(request, size, () => this.#options.last?.get())
    let taken: { port: number, result: BindResult & { bound: false } } | undefined
    for (const first of starts) {
      const result = bindRange(job, first, size)
      if (result.bound) {
        descriptors.push(...result.descriptors)
        if (request.host === undefined) this.#options.last?.set(first + size - 1)
        return { first, last: first + size - 1 }
      }
      taken ??= { port: result.port, result }
    }
    throw this.#unavailable(request, taken, bindings)
  }

  #unavailable(
    request: PortRequest, taken: { port: number, result: BindResult & { bound: false } } | undefined, bindings: readonly PortBinding[],
  ): TsnetError {
    if (request.host === undefined || taken === undefined || freedomOf(request) > 0) {
      const range = request.host ?? readEphemeralPorts().range
      return new TsnetError('port-range-exhausted', `publish port ${textOf(request.container)}/${request.protocol}: ` +
        `none of the host ports ${textOf(range)} is free`, { data: { range } })
    }
    const { port, result: { address, holder } } = taken
    const container = this.#options.findContainer?.(request.protocol, port)
    const isAskedTwice = bindings.some(({ protocol, host }) => protocol === request.protocol && host.first <= port && port <= host.last)
    const by = isAskedTwice ? 'another published port of the same container'
      : container !== undefined ? `the container "${container}"`
      : holder !== undefined ? `${holder.name} (process ${holder.pid})` : 'a process that cannot be found from here'
    const host = address.family === 4 ? address.ip : `[${address.ip}]`
    return new TsnetError('port-in-use', `publish port ${host}:${port}/${request.protocol}: it is held by ${by}`, {
      data: { port, protocol: request.protocol, hostIp: address.ip, ...holder === undefined ? {} : { holder }, ...container === undefined ? {} : { container } },
    })
  }
}

type RangeResult =
  | { readonly bound: true, readonly descriptors: readonly number[] }
  | (BindResult & { readonly bound: false } & { readonly port: number })

function bindRange({ request, addresses }: Job, first: number, size: number): RangeResult {
  const descriptors: number[] = []
  const target = { protocol: request.protocol, addresses, exact: freedomOf(request) === 0 }
  for (let port = first; port < first + size; port += 1) {
    try {
      const result = bindPort(target, port)
      if (!result.bound) {
        descriptors.forEach(close)
        return { ...result, port }
      }
      descriptors.push(...result.descriptors)
    } catch (error) {
      descriptors.forEach(close)
      throw error
    }
  }
  return { bound: true, descriptors }
}

/** The first ports to try, in order. */
function startsOf(request: PortRequest, size: number, last: () => number | undefined): Iterable<number> {
  const { host } = request
  if (host === undefined) {
    const ports = readEphemeralPorts()
    const random = (): number => ports.range.first + Math.floor(Math.random() * sizeOf(ports.range))
    return candidates(ports, size, last() ?? random())
  }
  return Array.from({ length: sizeOf(host) - size + 1 }, (_, i) => host.first + i)
}

/** 0 where only one choice will do. */
function freedomOf({ host, container }: PortRequest): number {
  return host === undefined ? 2 : Number(sizeOf(host) > sizeOf(container))
}

function addressesOf(request: PortRequest, families: readonly Family[]): readonly HostAddress[] {
  const { hostIp } = request
  if (hostIp === undefined) return families.map(family => ({ family, ip: family === 4 ? '0.0.0.0' : '::', wildcard: true }))
  const family = familyOf(hostIp) ?? parseIp(hostIp).family
  if (families.includes(family)) return [{ family, ip: hostIp, wildcard: isUnspecified(parseIp(hostIp)) }]
  throw new TsnetError('invalid-address', `publish port on ${hostIp}: the container has no IPv${family} address`, { data: { hostIp } })
}

function checkSizes({ host, container }: PortRequest): void {
  for (const range of host === undefined ? [container] : [host, container]) {
    if (range.first < 1 || range.last > 65_535 || range.first > range.last) {
      throw new TsnetError('invalid-port', `publish port: ${textOf(range)} is no range of ports from 1 to 65535`)
    }
  }
  if (host === undefined || sizeOf(host) === sizeOf(container) || (sizeOf(container) === 1 && sizeOf(host) > 1)) return
  throw new TsnetError('invalid-port', `publish port: the ranges ${textOf(host)} and ${textOf(container)} differ in length`)
}

function bindingOf({ protocol, hostIp, container }: PortRequest, host: PortRange): PortBinding {
  return { protocol, host, container, ...hostIp === undefined ? {} : { hostIp } }
}

function sizeOf(range: PortRange): number {
  return range.last - range.first + 1
}

function textOf({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`
}
