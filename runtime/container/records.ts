/**
 * The stored records of containers, and who may change one: a **claim** is a record whose `owner` is this process's lock.
 *
 * Claims are compare-and-swap in a store transaction: of two processes (a cleanup and an `rm -f`, say) one gets it, the other
 * waits until the first is done or dead and then looks again. Within one process a set does the same.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { TsnetError } from '../../errors/error.ts'
import { monotonicMs } from '../../kernel/clock.ts'
import type { Store, Transaction } from '../../store/store.ts'
import type { RowKeys, Table } from '../../store/table.ts'
import type { ContainerRecord } from '../types.ts'
import { actionOf, containerEvent } from './events.ts'
import type { Owner } from './dependencies.ts'

export interface Claim {
  readonly record: ContainerRecord
  /** True when nobody had left work on the record. */
  readonly wasAtRest: boolean
  /** Writes a change; the record stays claimed. */
  update(change: Partial<ContainerRecord>): void
  /** Takes the record out of the store. The claim is over. */
  delete(): void
  /** Gives the record back: at rest. A second call, or one after `delete`, does nothing. */
  release(): void
  /** Gives up without success: the record keeps its owner, so that whoever comes next does the work again. */
  abandon(): void
}

const claimTimeoutMs = 60_000
const maxPauseMs = 50

export class ContainerRecords {
  readonly #store: Store
  readonly #owner: Owner
  readonly #now: () => string
  readonly #held = new Set<string>()

  /** @param now the time that events get */
  constructor(store: Store, owner: Owner, now: () => string) {
    this.#store = store
    this.#owner = owner
    this.#now = now
  }

  /** @throws container-not-found; invalid-argument for an ambiguous prefix */
  get(ref: string): ContainerRecord {
    const record = this.#store.read(tx => tx.table<ContainerRecord>('containers').find(ref))
    if (record !== undefined) return record
    throw new TsnetError('container-not-found', `find container "${ref}": there is none of that name or id`, { data: { ref } })
  }

  find(id: string): ContainerRecord | undefined {
    return this.#store.read(tx => tx.table<ContainerRecord>('containers').get(id))
  }

  list(): readonly ContainerRecord[] {
    return this.#store.read(tx => tx.table<ContainerRecord>('containers').list())
  }

  /**
   * Writes a new record, claimed. `build` is called with a name to try: the one given, or random ones until one is free.
   * @throws name-in-use naming the holder
   */
  insert(build: (attempt: number) => ContainerRecord): Claim {
    for (let attempt = 0; ; attempt++) {
      const record = build(attempt)
      const holder = this.#store.write(tx => {
        const table = containers(tx)
        const taken = table.findByName(record.name)
        if (taken === undefined) {
          table.insert(keysOf(record), record)
          tx.events.append(containerEvent(this.#now(), 'create', record))
        }
        return taken
      })
      if (holder === undefined) return this.#claimed(record, false)
      if (record.spec.name !== undefined || attempt >= maxNameAttempts) {
        throw new TsnetError('name-in-use', `run container: the name "${record.name}" is in use by container `
          + `${holder.id.slice(0, 12)}; remove that one first`, { data: { id: holder.id } })
      }
    }
  }

  /**
   * The claimed record, once no other living process is at work on it; undefined where there is none (any more).
   * @throws timeout
   */
  async claim(id: string): Promise<Claim | undefined> {
    const deadline = monotonicMs() + claimTimeoutMs
    for (let pause = 1; ; pause = Math.min(pause * 2, maxPauseMs)) {
      const record = this.find(id)
      if (record === undefined) return undefined
      if (!this.isBusy(record)) {
        const claimed = this.#trySetOwner(record)
        if (claimed !== undefined) return this.#claimed(claimed, record.owner === '')
        continue
      }
      if (monotonicMs() > deadline) {
        throw new TsnetError('timeout', `change container "${record.name}": another process (${record.owner}) is at work on it`)
      }
      await delay(pause)
    }
  }

  /** True while a living process, or another call in this one, is at work on the record. */
  isBusy(record: ContainerRecord): boolean {
    if (this.#held.has(record.id)) return true
    return record.owner !== '' && record.owner !== this.#owner.name && this.#owner.isAlive(record.owner)
  }

  /** Marks a container as stopped by hand, whoever owns it. */
  markStopped(id: string): void {
    this.#store.write(tx => {
      const table = containers(tx)
      const record = table.get(id)
      if (record !== undefined && !record.manuallyStopped) put(table, { ...record, manuallyStopped: true })
    })
  }

  #trySetOwner(seen: ContainerRecord): ContainerRecord | undefined {
    return this.#store.write(tx => {
      const table = containers(tx)
      const record = table.get(seen.id)
      if (record === undefined || record.owner !== seen.owner) return undefined
      const claimed = { ...record, owner: this.#owner.name }
      put(table, claimed)
      return claimed
    })
  }

  #claimed(first: ContainerRecord, wasAtRest: boolean): Claim {
    const { id } = first
    let record = first
    this.#held.add(id)
    const change = (fields: Partial<ContainerRecord>): void => {
      record = this.#store.write(tx => {
        const table = containers(tx)
        const current = table.get(id)
        const changed = { ...current ?? record, ...fields }
        if (current !== undefined) {
          put(table, changed)
          const action = actionOf(current.status, changed.status)
          if (action !== undefined) tx.events.append(containerEvent(this.#now(), action, changed))
        }
        return changed
      })
    }
    return {
      get record() { return record },
      wasAtRest,
      update: change,
      delete: () => {
        this.#store.write(tx => {
          if (containers(tx).delete(id)) tx.events.append(containerEvent(this.#now(), 'destroy', record))
        })
        this.#held.delete(id)
      },
      release: () => {
        if (!this.#held.has(id)) return
        change({ owner: '' })
        this.#held.delete(id)
      },
      abandon: () => {
        this.#held.delete(id)
      },
    }
  }
}

const maxNameAttempts = 20

function containers(tx: Transaction): Table<ContainerRecord> {
  return tx.table<ContainerRecord>('containers')
}

function put(table: Table<ContainerRecord>, record: ContainerRecord): void {
  table.put(keysOf(record), record)
}

function keysOf(record: ContainerRecord): RowKeys {
  return { id: record.id, name: record.name, state: record.status, owner: record.owner }
}
