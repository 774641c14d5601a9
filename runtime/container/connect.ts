/**
 * Networks of a container that runs: connected, disconnected, and its hosts and resolv.conf files kept in step.
 *
 * The record's specification follows, so that it always says which networks the container has. One that has ended can be taken off a
 * network, which frees the address kept for it; as it is not started a second time, it is put on none.
 */
import type { Connection } from '../../cnm/controller-api.ts'
import type { SandboxId } from '../../cnm/types.ts'
import { addHostEntries, type HostEntry, removeHostEntries } from '../../dns/hosts-file.ts'
import { TsnetError, isTsnetError } from '../../errors/error.ts'
import { ownHostEntries } from '../files/container-files.ts'
import type { ContainerRecord, EndpointSettings } from '../types.ts'
import type { ContainerDependencies } from './dependencies.ts'
import { rewriteHosts, rewriteResolvConf, withEndpoints } from './network-files.ts'
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
    rewriteHosts(record, this.#on, text => addHostEntries(text, rowsOf(record, connection)))
    const { name } = connection.network
    const names = rewriteResolvConf(record, this.#on)
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
    rewriteHosts(record, this.#on, text => removeHostEntries(text, rowsOf(record, connection)))
    const names = rewriteResolvConf(record, this.#on)
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
}

function rowsOf({ hostname }: ContainerRecord, { endpoint }: Connection): readonly HostEntry[] {
  return ownHostEntries(hostname, endpoint)
}
