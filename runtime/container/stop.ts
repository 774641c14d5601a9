/** `stop`, `kill`, `wait` and `rm`: the end of a container brought about, awaited, and cleaned up. */
import { setTimeout as delay } from 'node:timers/promises'
import { TsnetError } from '../../errors/error.ts'
import type { ContainerRecord } from '../types.ts'
import { conclude } from './conclude.ts'
import type { ContainerDependencies } from './dependencies.ts'
import { initOf, isRunning, observe, shimOf } from './observe.ts'
import type { ContainerRecords } from './records.ts'
import { parseSignal } from './signals.ts'
import { discard } from './teardown.ts'
import { waitEnd } from './wait-end.ts'

const SIGKILL = 9
const defaultTimeoutSeconds = 10
/** A process that does not die of SIGKILL hangs in the kernel. */
const killTimeoutMs = 10_000
/** How long a reader that is attached has for the rest of the output of a container that is being stopped. */
const drainMs = 2000
/** How long the container's own command line, or its shim's last exec, has for the cleanup before others take over. */
const settleTimeoutMs = 10_000

export interface RemoveOptions { readonly force: boolean, readonly volumes: boolean }

export class ContainerEnder {
  readonly #records: ContainerRecords
  readonly #on: ContainerDependencies

  constructor(records: ContainerRecords, on: ContainerDependencies) {
    this.#records = records
    this.#on = on
  }

  /** Stop signal, and SIGKILL after the time; a negative time waits for ever. One that does not run is no error. */
  async stop(ref: string, timeoutSeconds?: number): Promise<ContainerRecord> {
    const record = await this.#started(ref)
    if (isRunning(record, this.#on)) {
      const seconds = timeoutSeconds ?? record.spec.stopTimeoutSeconds ?? defaultTimeoutSeconds
      await this.#end(record, parseSignal(record.stopSignal), seconds < 0 ? Infinity : seconds * 1000)
    }
    return await this.#settle(record)
  }

  /** @throws container-not-running; invalid-argument for an unknown signal */
  kill(ref: string, signal: string): ContainerRecord {
    const number = parseSignal(signal)
    const record = this.#records.get(ref)
    if (!isRunning(record, this.#on)) throw notRunning(record)
    if (number === SIGKILL || number === parseSignal(record.stopSignal)) this.#records.markStopped(record.id)
    if (!this.#on.processes.signal(initOf(record), number)) throw notRunning(record)
    return record
  }

  async wait(ref: string): Promise<number> {
    const record = await this.#started(ref)
    if (record.status !== 'running') return record.exitCode
    const end = await waitEnd(record, this.#records, this.#on)
    if (typeof end === 'number') return end
    throw new TsnetError('container-not-found',
      `wait for container "${record.name}": it was removed before its exit code could be read`)
  }

  /** @throws container-running unless `force` */
  async remove(ref: string, { force, volumes }: RemoveOptions): Promise<ContainerRecord> {
    const record = await this.#started(ref)
    if (isRunning(record, this.#on)) {
      if (!force) {
        throw new TsnetError('container-running', `remove container "${record.name}": it runs; stop it first, or use rm -f`,
          { data: { id: record.id } })
      }
      await this.#end(record, SIGKILL, killTimeoutMs)
    }
    await this.#settle(record)
    const claim = await this.#records.claim(record.id)
    if (claim === undefined) return record
    try {
      // From here on it is being removed, also after a crash. Volumes that shall stay are forgotten first.
      claim.update({ status: 'dead', ...volumes || record.spec.autoRemove ? {} : { anonymousVolumes: [] } })
      await discard(claim, this.#on)
    } catch (error) {
      claim.abandon()
      throw error
    }
    return record
  }

  /** One that is being started by a living process is waited for. @throws container-not-found, also when that start fails */
  async #started(ref: string): Promise<ContainerRecord> {
    let record = this.#records.get(ref)
    while (record.status === 'created' && this.#records.isBusy(record)) {
      await delay(startPauseMs)
      record = this.#records.get(record.id)
    }
    return record
  }

  async #end(record: ContainerRecord, signal: number, timeoutMs: number): Promise<void> {
    const { processes } = this.#on
    this.#records.markStopped(record.id)
    processes.signal(initOf(record), signal)
    if (await this.#ends(record, timeoutMs)) return
    processes.signal(initOf(record), SIGKILL)
    if (await this.#ends(record, killTimeoutMs)) return
    throw new TsnetError('timeout', `stop container "${record.name}": process ${record.pid} does not die of SIGKILL`)
  }

  /** A reader that does not read holds up its own shim, not whoever stops the container. */
  async #ends(record: ContainerRecord, timeoutMs: number): Promise<boolean> {
    const end = await waitEnd(record, this.#records, this.#on, { timeoutMs, drainMs })
    if (end === 'held-up') this.#on.processes.signal(shimOf(record), SIGKILL)
    return end !== 'timeout'
  }

  /**
   * Waits until the shim is gone, and with it the ports it held; whoever the shim's end leaves the cleanup to is then done, or
   * dead: then it is done here.
   */
  async #settle(record: ContainerRecord): Promise<ContainerRecord> {
    const ended = observe(record, this.#on)
    if (record.status === 'running') await this.#on.processes.waitEnd(shimOf(record), settleTimeoutMs)
    return await conclude(record.id, this.#records, this.#on) ?? ended
  }
}

const startPauseMs = 20

function notRunning(record: ContainerRecord): TsnetError {
  return new TsnetError('container-not-running', `kill container "${record.name}": it does not run`, { data: { id: record.id } })
}
