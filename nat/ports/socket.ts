/**
 * One host port, held: bound on every address asked for, never listening, so that no program of the host is shadowed unawares
 * and no two tsnet processes choose the same port. The kernel is the lock.
 *
 * No SO_REUSEADDR: with it another server could bind beside a socket that does not listen. Only where nothing but connections in
 * TIME_WAIT stands in the way is it set for the time of the bind.
 * SCTP is reserved where the kernel has SCTP sockets; elsewhere its ports are published unreserved.
 */
import { TsnetError } from '../../errors/error.ts'
import { isErrno } from '../../kernel/error.ts'
import { close } from '../../kernel/syscalls/descriptor.ts'
import {
  AF_INET, AF_INET6, IPPROTO_IPV6, IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP, IPV6_V6ONLY, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR,
  bind, setsockopt, socket, socketAddress,
} from '../../kernel/syscalls/socket.ts'
import type { Family, Protocol } from '../../objects/firewall.ts'
import { type Holder, findHolder } from './holder.ts'

/** An address to hold ports on; 0.0.0.0 and :: are all of their family. */
export interface HostAddress { readonly family: Family, readonly ip: string, readonly wildcard: boolean }

/** The descriptors that hold the port, or who holds it. */
export type BindResult =
  | { readonly bound: true, readonly descriptors: readonly number[] }
  | { readonly bound: false, readonly address: HostAddress, readonly holder: Holder | undefined }

/** `exact`: another port will not do, so it is worth the time to look who holds it. */
export interface BindTarget { readonly protocol: Protocol, readonly addresses: readonly HostAddress[], readonly exact: boolean }

/** Binds one port on all addresses, or on none. @throws invalid-address, permission-denied, kernel-error */
export function bindPort(target: BindTarget, port: number): BindResult {
  const descriptors: number[] = []
  for (const address of target.addresses) {
    const result = tryBind(target, address, port)
    if (result.kind === 'unsupported') continue
    if (result.kind === 'bound') {
      descriptors.push(result.fd)
      continue
    }
    descriptors.forEach(close)
    if (result.kind === 'taken') return { bound: false, address, holder: result.holder }
    throw result.error
  }
  return { bound: true, descriptors }
}

type Attempt =
  | { readonly kind: 'bound', readonly fd: number }
  | { readonly kind: 'taken', readonly holder: Holder | undefined }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'failed', readonly error: unknown }

function tryBind({ protocol, exact }: BindTarget, address: HostAddress, port: number): Attempt {
  const first = attempt(protocol, address, port, false)
  if (first.kind !== 'taken' || !exact) return first
  const holder = findHolder(protocol, port, address)
  if (holder !== undefined || protocol !== 'tcp') return { kind: 'taken', holder }
  return attempt(protocol, address, port, true)
}

function attempt(protocol: Protocol, address: HostAddress, port: number, reuse: boolean): Attempt {
  let fd: number | undefined
  try {
    fd = open(protocol, address)
    if (address.family === 6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)
    if (reuse) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1)
    bind(fd, socketAddress(address.ip, port))
    if (reuse) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 0)
    return { kind: 'bound', fd }
  } catch (error) {
    if (fd === undefined) return isUnsupported(error, protocol, address) ? { kind: 'unsupported' } : { kind: 'failed', error }
    close(fd)
    return isErrno(error, 'EADDRINUSE') ? { kind: 'taken', holder: undefined } : refused(error, address, port)
  }
}

function open(protocol: Protocol, address: HostAddress): number {
  const domain = address.family === 4 ? AF_INET : AF_INET6
  switch (protocol) {
    case 'tcp': return socket(domain, SOCK_STREAM, IPPROTO_TCP)
    case 'udp': return socket(domain, SOCK_DGRAM, IPPROTO_UDP)
    case 'sctp': return socket(domain, SOCK_STREAM, IPPROTO_SCTP)
  }
}

/** A kernel without SCTP; or without IPv6, where only the wildcard asks for it. */
function isUnsupported(error: unknown, protocol: Protocol, address: HostAddress): boolean {
  if (protocol === 'sctp' && isErrno(error, 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT')) return true
  return address.family === 6 && address.wildcard && isErrno(error, 'EAFNOSUPPORT')
}

function refused(error: unknown, address: HostAddress, port: number): Attempt {
  // With IPv6 disabled by sysctl there is no address to bind the wildcard to.
  if (isErrno(error, 'EADDRNOTAVAIL') && address.family === 6 && address.wildcard) return { kind: 'unsupported' }
  if (isErrno(error, 'EADDRNOTAVAIL', 'EINVAL')) {
    return { kind: 'failed', error: new TsnetError('invalid-address', `publish port ${port} on ${address.ip}: no interface of this host has that address`, {
      cause: error, data: { hostIp: address.ip, port },
    }) }
  }
  if (isErrno(error, 'EACCES', 'EPERM')) {
    return { kind: 'failed', error: new TsnetError('permission-denied', `publish port ${port}: only root may bind it`, { cause: error }) }
  }
  return { kind: 'failed', error }
}
