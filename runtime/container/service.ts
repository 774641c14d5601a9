/** The container lifecycle as the doors see it: finds the container, and hands over to the part that does the work. */
import type { PortsChange } from '../../cnm/controller-api.ts'
import type { PortRequest } from '../../cnm/types.ts'
import type { KernelObject } from '../../objects/object.ts'
import type {
  ContainerDetails, ContainerService, ExecSpec, LogEntry, LogOptions, StartedContainer, StartedExec,
} from '../container-service-api.ts'
import { readLog } from '../logs/read-log.ts'
import { containerPaths } from '../paths.ts'
import type { ContainerRecord, ContainerSpec, EndpointSettings } from '../types.ts'
import { conclude, needsConclusion } from './conclude.ts'
import { ContainerConnector } from './connect.ts'
import type { ContainerDependencies } from './dependencies.ts'
import { detailsOf } from './details.ts'
import { execInContainer } from './exec.ts'
import { isRunning, observe } from './observe.ts'
import { planContainer } from './plan.ts'
import { type PrunedContainers, pruneContainers } from './prune.ts'
import { ContainerPublisher } from './publish.ts'
import { ContainerRecords } from './records.ts'
import { type RunOptions, runContainer } from './run.ts'
import { ContainerEnder } from './stop.ts'

export function createContainerService(on: ContainerDependencies): ContainerService {
  return new Containers(on)
}

class Containers implements ContainerService {
  readonly #on: ContainerDependencies
  readonly #records: ContainerRecords
  readonly #ender: ContainerEnder
  readonly #connector: ContainerConnector
  readonly #publisher: ContainerPublisher

  constructor(on: ContainerDependencies) {
    this.#on = on
    this.#records = new ContainerRecords(on.store, on.owner, on.now)
    this.#ender = new ContainerEnder(this.#records, on)
    this.#connector = new ContainerConnector(this.#records, on)
    this.#publisher = new ContainerPublisher(this.#records, on)
  }

  run(spec: ContainerSpec, options: RunOptions = {}): Promise<StartedContainer> {
    return runContainer(spec, options, this.#records, this.#on)
  }

  plan(spec: ContainerSpec): Promise<readonly KernelObject[]> {
    return planContainer(spec, this.#records, this.#on)
  }

  get(ref: string): ContainerRecord {
    return observe(this.#records.get(ref), this.#on)
  }

  list({ all }: { readonly all: boolean }): readonly ContainerRecord[] {
    return this.#records.list().map(record => observe(record, this.#on))
      .filter(record => all || record.status === 'running')
      .toSorted((a, b) => a.created < b.created ? 1 : -1)
  }

  details(ref: string): Promise<ContainerDetails> {
    return detailsOf(this.get(ref), this.#on)
  }

  logs(ref: string, options: LogOptions): AsyncIterable<LogEntry> {
    const { id } = this.#records.get(ref)
    const paths = containerPaths(this.#on.roots, id)
    const hasEnded = (): boolean => {
      const record = this.#records.find(id)
      return record === undefined || record.status !== 'created' && !isRunning(record, this.#on)
    }
    return readLog({ directory: paths.directory, path: paths.log, hasEnded }, options)
  }

  exec(ref: string, spec: ExecSpec): Promise<StartedExec> {
    return execInContainer(this.#records.get(ref), spec, this.#on)
  }

  stop(ref: string, { timeoutSeconds }: { readonly timeoutSeconds?: number } = {}): Promise<ContainerRecord> {
    return this.#ender.stop(ref, timeoutSeconds)
  }

  kill(ref: string, signal: string): ContainerRecord {
    return this.#ender.kill(ref, signal)
  }

  remove(ref: string, options: { readonly force: boolean, readonly volumes: boolean }): Promise<ContainerRecord> {
    return this.#ender.remove(ref, options)
  }

  prune(accepts: (record: ContainerRecord) => boolean): Promise<PrunedContainers> {
    return pruneContainers(accepts, { records: this.#records, ender: this.#ender, on: this.#on })
  }

  connect(ref: string, settings: EndpointSettings): Promise<readonly string[]> {
    return this.#connector.connect(ref, settings)
  }

  disconnect(ref: string, network: string, options: { readonly force: boolean }): Promise<readonly string[]> {
    return this.#connector.disconnect(ref, network, options)
  }

  publish(ref: string, ports: readonly PortRequest[]): Promise<PortsChange> {
    return this.#publisher.publish(ref, ports)
  }

  unpublish(ref: string, ports: readonly PortRequest[]): Promise<PortsChange> {
    return this.#publisher.unpublish(ref, ports)
  }

  wait(ref: string): Promise<number> {
    return this.#ender.wait(ref)
  }

  async cleanup(id: string): Promise<void> {
    await conclude(id, this.#records, this.#on)
  }

  async recover(): Promise<void> {
    const errors: unknown[] = []
    for (const record of this.#records.list().filter(one => needsConclusion(one, this.#records, this.#on))) {
      try {
        await conclude(record.id, this.#records, this.#on)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `recover containers: ${errors.length} could not be cleaned up`)
  }
}
