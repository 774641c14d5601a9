/**
 * Ports of a container that runs: published and taken back, held by its shim, and its specification kept in step.
 *
 * The controller's records say what is published; what the shim holds follows. Who dies in between leaves the container's record
 * claimed: whoever comes next makes the shim hold what is published, no more.
 */
import type { PortsChange } from '../../cnm/controller-api.ts'
import type { PortRequest, SandboxId } from '../../cnm/types.ts'
import type { ContainerRecord } from '../types.ts'
import { askedWithout } from './asked-ports.ts'
import type { ContainerDependencies } from './dependencies.ts'
import { shimOf } from './observe.ts'
import type { Claim, ContainerRecords } from './records.ts'
import { claimRunning } from './running-claim.ts'

export class ContainerPublisher {
  readonly #records: ContainerRecords
  readonly #on: ContainerDependencies

  constructor(records: ContainerRecords, on: ContainerDependencies) {
    this.#records = records
    this.#on = on
  }

  async publish(ref: string, ports: readonly PortRequest[]): Promise<PortsChange> {
    using claim = await this.#claim(ref, 'publish ports')
    const { record } = claim
    try {
      const keep = (descriptors: readonly number[]): void => this.#on.ports.add(shimOf(record), descriptors)
      const change = await this.#on.networks.publish(record.id as SandboxId, ports, keep)
      claim.update({ spec: { ...record.spec, ports: [...record.spec.ports, ...change.ports.map(asRequest)] } })
      return change
    } catch (error) {
      keepPublished(record, this.#on)
      throw error
    }
  }

  async unpublish(ref: string, ports: readonly PortRequest[]): Promise<PortsChange> {
    using claim = await this.#claim(ref, 'remove ports')
    const { record } = claim
    try {
      const change = await this.#on.networks.unpublish(record.id as SandboxId, ports)
      claim.update({ spec: { ...record.spec, ports: askedWithout(record.spec.ports, change.ports.map(asGone)) } })
      return change
    } finally {
      keepPublished(record, this.#on)
    }
  }

  #claim(ref: string, what: string): Promise<Claim & Disposable> {
    return claimRunning(ref, this.#records, this.#on, { change: 'ports', what })
  }
}

/** Makes the shim of a container hold the ports that it has published, and no other. */
export function keepPublished(record: ContainerRecord, { networks, ports }: Pick<ContainerDependencies, 'networks' | 'ports'>): void {
  const sandbox = networks.findSandbox(record.id as SandboxId)
  if (sandbox?.driver === 'bridge') ports.retain(shimOf(record), sandbox.ports ?? [])
}

/** Without a port of the host where it had none. */
function asGone(port: PortsChange['ports'][number]): PortRequest {
  const { host, ...request } = asRequest(port)
  return port.held.length === 0 || host === undefined ? request : { ...request, host }
}

function asRequest({ protocol, hostIp, host, container }: PortsChange['ports'][number]): PortRequest {
  return { protocol, container, host, ...hostIp === undefined ? {} : { hostIp } }
}
