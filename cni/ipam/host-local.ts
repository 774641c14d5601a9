/**
 * host-local: one address of each range set, the next after the last one handed out, so that one that has come free is the last to be
 * used again. All of it is one transaction with the record that needs it; the cost does not grow with the number of addresses.
 *
 * The same configuration and answers as the reference plugin. What differs: addresses do not outlive a reboot, since containers do not.
 */
import { readFileSync } from 'node:fs'
import { formatInterfaceAddress } from '../../address/cidr.ts'
import { type IpAddress, formatIp, parseIp } from '../../address/ip.ts'
import { releaseLeases } from '../attachments.ts'
import { leaseHolder } from '../attachment.ts'
import type { CniCore, CniTransaction } from '../core.ts'
import { cniCodes, cniError } from '../error.ts'
import type { ValidAttachments } from '../plugin.ts'
import type { Request } from '../request.ts'
import { type CniDns, type CniIp, type CniResult } from '../result.ts'
import { type HostLocalConfig, leaseFolder, parseHostLocal } from './host-local-config.ts'
import { leaseFolderVersion, readLastReserved, readLeaseFiles } from './lease-files.ts'
import { type Range, type RangeSet, rangeHas, textOf } from './range.ts'

/** How the message of a full pool begins. */
export const exhausted = 'no IP addresses available in range set'

/** What a pool of addresses is called in the store. */
export function poolOf(folder: string): string {
  return `cni:${folder}`
}

/** Addresses for a request, all or none: the caller's transaction is undone by what is thrown. */
export function allocateHostLocal(tx: CniTransaction, request: Request, config: HostLocalConfig): CniResult {
  const pool = poolOf(config.folder)
  importFiles(tx, config.folder)
  const holder = leaseHolder(request)
  const held = tx.leases.list(pool, holder).map(({ address }) => parseIp(address))
  const wanted = config.requested.slice()
  const ips = config.sets.map((set, index): CniIp => {
    const at = wanted.findIndex(ip => set.some(range => rangeHas(range, ip)))
    const [asked] = at < 0 ? [] : wanted.splice(at, 1)
    try {
      const { ip, range } = asked === undefined ? next(tx, { pool, set, index, held }) : take(tx, pool, set, asked)
      const address = formatIp(ip)
      tx.leases.put(pool, { address, holder }, ip.value)
      return { address: formatInterfaceAddress(ip, range.cidr), gateway: formatIp(range.gateway) }
    } catch (error) {
      throw cniError(cniCodes.other, `failed to allocate for range ${index}: ${error instanceof Error ? error.message : String(error)}`)
    }
  })
  if (wanted.length > 0) {
    throw cniError(cniCodes.other, `failed to allocate all requested IPs: ${wanted.map(formatIp).join(' ')}`)
  }
  return { interfaces: [], ips, routes: config.routes, dns: config.resolvConf === undefined ? {} : readResolvConf(config.resolvConf) }
}

/** Hands addresses out, and takes them back in the same transaction. @throws what an ADD would */
export function requireFree(core: Pick<CniCore, 'write'>, request: Request): void {
  const config = parseHostLocal(request)
  const taken = new Error('there are free addresses')
  try {
    core.write(tx => {
      allocateHostLocal(tx, request, config)
      throw taken
    })
  } catch (error) {
    if (error !== taken) throw error
  }
}

/** Gives back what the container's interface has of the pool; nothing is success. */
export function releaseHostLocal(tx: CniTransaction, request: Pick<Request, 'config' | 'network' | 'containerId' | 'ifname'>): void {
  const folder = leaseFolder(request)
  importFiles(tx, folder)
  releaseLeases(tx, poolOf(folder), leaseHolder(request))
  // Files from before the interface's name was in them.
  releaseLeases(tx, poolOf(folder), `${request.containerId}/`)
}

/** Whether the container's interface has an address of the pool. */
export function hasLease(tx: CniTransaction, request: Pick<Request, 'config' | 'network' | 'containerId' | 'ifname'>): boolean {
  const folder = leaseFolder(request)
  importFiles(tx, folder)
  return tx.leases.list(poolOf(folder), leaseHolder(request)).length > 0
}

interface Search { readonly pool: string, readonly set: RangeSet, readonly index: number, readonly held: readonly IpAddress[] }

/** Round robin through the ranges of a set. */
function next(tx: CniTransaction, { pool, set, index, held }: Search): { readonly ip: IpAddress, readonly range: Range } {
  const own = held.find(ip => set.some(range => rangeHas(range, ip)))
  if (own !== undefined) {
    throw cniError(cniCodes.other, `${formatIp(own)} has been allocated to this container and interface, duplicate allocation is not allowed`)
  }
  const cursor = `${pool}#set${index}`
  const last = tx.leases.getCursor(cursor)
  const start = last === undefined ? -1 : set.findIndex(range => last >= range.first && last <= range.last)
  for (const { range, first, end } of stretches(set, start, last)) {
    const value = findUsable(tx, pool, range, { first, last: end })
    if (value === undefined) continue
    tx.leases.setCursor(cursor, value)
    return { ip: { family: range.cidr.family, value }, range }
  }
  throw cniError(cniCodes.other, `${exhausted}: ${set.map(textOf).join(',')}`)
}

/** From behind the last address through all ranges, and to it again. */
function stretches(set: RangeSet, start: number, last: bigint | undefined): readonly { readonly range: Range, readonly first: bigint, readonly end: bigint }[] {
  const whole = (range: Range) => ({ range, first: range.first, end: range.last })
  const current = set[start]
  if (current === undefined || last === undefined) return set.map(whole)
  return [
    { range: current, first: last + 1n, end: current.last },
    ...set.slice(start + 1).map(whole), ...set.slice(0, start).map(whole),
    { range: current, first: current.first, end: last },
  ]
}

/** The first that nobody has and that is not the gateway. */
function findUsable(tx: CniTransaction, pool: string, { cidr, gateway }: Range, { first, last }: { readonly first: bigint, readonly last: bigint }): bigint | undefined {
  const free = (from: bigint): bigint | undefined => from > last ? undefined : tx.leases.findFree(pool, { family: cidr.family, first: from, last })
  const value = free(first)
  return value === gateway.value ? free(value + 1n) : value
}

function take(tx: CniTransaction, pool: string, set: RangeSet, ip: IpAddress): { readonly ip: IpAddress, readonly range: Range } {
  const range = set.find(candidate => rangeHas(candidate, ip))
  const text = formatIp(ip)
  if (range === undefined) throw cniError(cniCodes.other, `requested IP ${text} not in range`)
  if (range.gateway.value === ip.value) throw cniError(cniCodes.other, `requested ip ${text} is subnet's gateway`)
  if (tx.leases.get(pool, text) !== undefined) {
    throw cniError(cniCodes.other, `requested IP address ${text} is not available in range set ${set.map(textOf).join(',')}`)
  }
  return { ip, range }
}

/** Takes over what the reference plugin has written since the last look. */
function importFiles(tx: CniTransaction, folder: string): void {
  const version = leaseFolderVersion(folder)
  const key = `cni-files:${folder}`
  if (version === undefined || tx.meta.get(key) === version) return
  const pool = poolOf(folder)
  const files = readLeaseFiles(folder)
  const present = new Set(files.map(({ address }) => address))
  for (const { address, file } of tx.leases.listAll(pool)) {
    if (file !== undefined && !present.has(address)) tx.leases.delete(pool, address, parseIp(address).value)
  }
  for (const { address, holder, file } of files) {
    if (tx.leases.get(pool, address) === undefined) tx.leases.put(pool, { address, holder, file }, parseIp(address).value)
  }
  for (let index = 0; ; index++) {
    const last = readLastReserved(folder, index)
    if (last === undefined) break
    if (tx.leases.getCursor(`${pool}#set${index}`) === undefined) tx.leases.setCursor(`${pool}#set${index}`, parseIp(last).value)
  }
  tx.meta.set(key, version)
}

function readResolvConf(path: string): CniDns {
  const lists: Record<'nameservers' | 'search' | 'options', string[]> = { nameservers: [], search: [], options: [] }
  let domain: string | undefined
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [keyword, ...words] = line.trim().split(/\s+/)
    if (keyword === 'nameserver') lists.nameservers.push(...words.slice(0, 1))
    else if (keyword === 'domain') [domain] = words
    else if (keyword === 'search') lists.search.push(...words)
    else if (keyword === 'options') lists.options.push(...words)
  }
  return {
    ...Object.fromEntries(Object.entries(lists).filter(([, words]) => words.length > 0)),
    ...domain === undefined ? {} : { domain },
  }
}

/** Takes back the addresses of the pool whose containers the orchestrator no longer knows. */
export function gcHostLocal(tx: CniTransaction, request: Pick<Request, 'config' | 'network'>, valid: ValidAttachments): void {
  const folder = leaseFolder(request)
  importFiles(tx, folder)
  const holders = new Set(tx.leases.listAll(poolOf(folder)).map(({ holder }) => holder))
  for (const holder of holders) {
    const [containerId = '', ifname = ''] = holder.split('/')
    if (!valid({ containerId, ifname })) releaseLeases(tx, poolOf(folder), holder)
  }
}
