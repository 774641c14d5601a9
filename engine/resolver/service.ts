/** The resolver as commands see it: started where it is needed and does not run, awaited until it listens, and until it has ended. */
import { closeSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { awaitEnd, claimInstance, instanceState } from '../../dns/instance.ts'
import { isTsnetError } from '../../errors/error.ts'
import { monotonicMs } from '../../kernel/clock.ts'
import { DescriptorBox } from '../../kernel/descriptor-box.ts'
import { makeFolder } from '../../kernel/folder.ts'
import { keepRunning } from '../../runtime/init/keep-running.ts'
import type { CgroupDirectories } from '../../runtime/init/start-api.ts'
import type { Roots } from '../../runtime/paths.ts'
import { resolverLog } from './log.ts'

/** From the start of the process to its first answer it takes some 100 ms. */
const startTimeoutMs = 5000
const endTimeoutMs = 5000
const startAgainMs = 100
const pauseMs = 3

export class NameService {
  readonly #roots: Roots
  /** argv of this command line: Node, and the script. */
  readonly #program: readonly string[]
  readonly #cgroup: () => CgroupDirectories
  /** Why it could not be started. */
  #failure: string | undefined

  /** `cgroup`: where it lives, so that it outlives the session, the service or the job that it was started in. */
  constructor(roots: Roots, program: readonly string[], cgroup: () => CgroupDirectories) {
    this.#roots = roots
    this.#program = program
    this.#cgroup = cgroup
  }

  /** Starts it if none runs; does not wait. */
  start(): void {
    const { state } = instanceState(this.#roots.runRoot)
    if (state !== 'absent' && state !== 'dead') return
    try {
      this.#startProcess()
    } catch (error) {
      if (!isTsnetError(error)) throw error
      this.#failure = error.message
    }
  }

  /** After it was killed, and its watcher too. One file is looked at where it never ran. */
  startAgain(): void {
    if (instanceState(this.#roots.runRoot).state === 'dead') this.start()
  }

  /** Waits until the addresses are listened on; says in a sentence for the user what did not come to be. */
  async listening(addresses: readonly string[]): Promise<readonly string[]> {
    const deadline = monotonicMs() + startTimeoutMs
    let nextStart = monotonicMs() + startAgainMs
    for (;;) {
      const now = instanceState(this.#roots.runRoot)
      if (now.state === 'running') {
        const { listening, failed } = now.announced
        if (addresses.every(address => listening.includes(address))) return []
        const reasons = addresses.flatMap(address => failed[address] ?? [])
        if (reasons.length > 0) return [`names of containers are not resolved: ${reasons.join('; ')}`]
      }
      if (monotonicMs() > deadline) {
        const reason = this.#failure ?? `the resolver does not start (see ${resolverLog(this.#roots.runRoot)})`
        return [`names of containers are not resolved: ${reason}`]
      }
      // One may have ended just now, with the last network before this one; or somebody looked when we wanted to start one.
      if (monotonicMs() > nextStart) {
        this.start()
        nextStart += startAgainMs
      }
      await sleep(pauseMs)
    }
  }

  /** After the last network with names was removed: nothing is left of it, once this is done. */
  async ended(): Promise<void> {
    if (await awaitEnd(this.#roots.runRoot, endTimeoutMs)) rmSync(resolverLog(this.#roots.runRoot), { force: true })
  }

  #startProcess(): void {
    const { root, runRoot } = this.#roots
    makeFolder(runRoot, 0o711)
    using opened = new DisposableStack()
    const lock = claimInstance(runRoot)
    if (lock === undefined) return
    opened.adopt(lock, closeSync)
    // dns/vault.ts, which alone knows what is in it, would load node:crypto.
    const vault = opened.use(DescriptorBox.create())
    const [, script] = this.#program
    keepRunning({
      ...script === undefined ? {} : { needed: script },
      argv: [...this.#program, '--root', root, '--run-root', runRoot, 'internal', 'resolve'],
      log: resolverLog(runRoot), cgroup: this.#cgroup(), descriptors: [lock, ...vault.ends],
    })
  }
}
