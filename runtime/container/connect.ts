/**
 * Networks of a container that runs: connected, disconnected, and its hosts and resolv.conf files kept in step.
 *
 * The record's specification follows, so that it always says which networks the container has. One that has ended can be taken off a
 * network, which frees the address kept for it; as it is not started a second time, it is put on none.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Attachment, Connection } from '../../cnm/controller-api.ts'
import type { SandboxId } from '../../cnm/types.ts'
import { addHostEntries, type HostEntry, removeHostEntries } from '../../dns/hosts-file.ts'
import { TsnetError, isTsnetError } from '../../errors/error.ts'
import { ownHostEntries, resolvConfText } from '../files/container-files.ts'
import { containerPaths } from '../paths.ts'
import type { ContainerRecord, EndpointSettings } from '../types.ts'
import type { ContainerDependencies } from './dependencies.ts'
import type { Claim, ContainerRecords } from './records.ts'
import { endpointSpec, endpointsOf } from './resolve.ts'
import { claimRunning, claimSettled } from './running-claim.ts'
import { validateEndpoint } from './validate.ts'

export class ContainerConnector {
  readonly #records: ContainerRecords
  readonly #on: ContainerDependencies

  constructor(records: ContainerRecords, on: ContainerDependencies) {
    this.#records = records
    this.#on = on
  }

  /** @returns sentences for the user. @throws container-not-running, already-connected, network-not-found, … */
  async connect(ref: string, settings: EndpointSettings): Promise<readonly string[]> {
    validateEndpoint(settings)
    using claim = await claimRunning(ref, this.#records, this.#on, { change: 'networks', what: `connect it to network "${settings.network}"` })
    const { record } = claim
    const connection = await this.#on.networks.connect(record.id as SandboxId, endpointSpec(record, settings))
    this.#rewriteHosts(record, text => addHostEntries(text, rowsOf(record, connection)))
    const { name } = connection.network
    const names = this.#rewriteResolvConf(record)
    claim.update({ ...withEndpoints(record, [...this.#without(record, name), { ...settings, network: name }]), ...names.change })
    return [...connection.warnings, ...names.warnings]
  }

  /** `force`: that it is not connected, or not there, is no failure; what is left of a container that is not there is removed. */
  async disconnect(ref: string, network: string, { force }: { readonly force: boolean }): Promise<readonly string[]> {
    try {
      return await this.#disconnect(ref, network)
    } catch (error) {
      if (!force) throw error
      if (isTsnetError(error, 'not-connected') || isTsnetError(error, 'container-not-running')) return []
      if (!isTsnetError(error, 'container-not-found')) throw error
      return await this.#disconnectLeftover(ref, network)
    }
  }

  async #disconnect(ref: string, network: string): Promise<readonly string[]> {
    using claim = await claimSettled(ref, this.#records, this.#on, { change: 'networks', what: `disconnect it from network "${network}"` })
    const { record } = claim
    // It may have ended just now, with its sandbox still there.
    if (!claim.isRunning && this.#on.networks.findSandbox(record.id as SandboxId) === undefined) {
      this.#disconnectEnded(claim, network)
      return []
    }
    const connection = await this.#on.networks.disconnect(record.id as SandboxId, network)
    this.#rewriteHosts(record, text => removeHostEntries(text, rowsOf(record, connection)))
    const names = this.#rewriteResolvConf(record)
    claim.update({ ...withEndpoints(record, this.#without(record, connection.network.name)), ...names.change })
    return [...connection.warnings, ...names.warnings]
  }

  #disconnectEnded({ record, update }: Pick<Claim, 'record' | 'update'>, ref: string): void {
    const network = this.#nameOf(ref)
    const others = this.#without(record, network)
    if (others.length === endpointsOf(record.spec).length) {
      throw new TsnetError('not-connected', `disconnect container "${record.name}" from network "${network}": it is not connected to it`)
    }
    this.#on.networks.releaseAddresses(record.id as SandboxId, network)
    update(withEndpoints(record, others))
  }

  async #disconnectLeftover(name: string, network: string): Promise<readonly string[]> {
    const { networks } = this.#on
    const endpoints = networks.listEndpoints({ networkId: networks.getNetwork(network).id })
    const leftover = endpoints.find(endpoint => endpoint.name === name)
    return leftover === undefined ? [] : (await networks.disconnect(leftover.sandboxId, network)).warnings
  }

  /** The networks of the specification but the one called `name`; they may be there under an id. */
  #without({ spec }: ContainerRecord, name: string): readonly EndpointSettings[] {
    return endpointsOf(spec).filter(({ network }) => this.#nameOf(network) !== name)
  }

  #nameOf(network: string): string {
    try {
      return this.#on.networks.getNetwork(network).name
    } catch (error) {
      if (isTsnetError(error, 'network-not-found')) return network
      throw error
    }
  }

  /** In place: the file is mounted in the container, and another file of its name would not be. */
  #rewriteHosts({ id }: ContainerRecord, change: (text: string) => string): void {
    const { hosts } = containerPaths(this.#on.roots, id)
    const text = readFileSync(hosts, 'utf8')
    const changed = change(text)
    if (changed !== text) writeFileSync(hosts, changed)
  }

  /** Whom the container asks for names from now on. A file that its user has changed is the user's. */
  #rewriteResolvConf({ id, spec, resolvConf: written }: ContainerRecord): Rewritten {
    const { resolvConf: path } = containerPaths(this.#on.roots, id)
    const sandbox = this.#on.networks.findSandbox(id as SandboxId)
    if (sandbox === undefined || written === undefined || readFileSync(path, 'utf8') !== written) return { change: {}, warnings: [] }
    try {
      const attachment = { sandbox, endpoints: this.#endpoints(sandbox.id) }
      const resolvConf = resolvConfText({ spec, attachment, host: this.#on.hostFiles(), resolvers: this.#on.resolvers(attachment) })
      if (resolvConf !== written) writeFileSync(path, resolvConf)
      return { change: { resolvConf }, warnings: [] }
    } catch (error) {
      // The networks are changed: that a container cannot ask anybody any more is told, and no reason to fail.
      if (!isTsnetError(error, 'no-nameserver')) throw error
      return { change: {}, warnings: [`/etc/resolv.conf of the container stays as it is: ${error.message}`] }
    }
  }

  /** In the order of their interfaces: `eth2` before `eth10`. */
  #endpoints(sandboxId: SandboxId): Attachment['endpoints'] {
    const { networks } = this.#on
    return networks.listEndpoints({ sandboxId })
      .toSorted((a, b) => a.interfaceName.localeCompare(b.interfaceName, 'en', { numeric: true }))
      .map(endpoint => ({ endpoint, network: networks.getNetwork(endpoint.networkId) }))
  }
}

interface Rewritten { readonly change: Pick<ContainerRecord, 'resolvConf'>, readonly warnings: readonly string[] }

function rowsOf({ hostname }: ContainerRecord, { endpoint }: Connection): readonly HostEntry[] {
  return ownHostEntries(hostname, endpoint)
}

function withEndpoints({ spec }: ContainerRecord, endpoints: readonly EndpointSettings[]): Pick<ContainerRecord, 'spec'> {
  const { network } = spec
  return network.mode === 'bridge' ? { spec: { ...spec, network: { ...network, endpoints } } } : { spec }
}
