/** The servers that the host itself asks, those on its loopback included: the resolver runs on the host. Read again when the file changes. */
import { readFileSync, statSync } from 'node:fs'
import { parseResolvConf } from '../../dns/resolv-conf.ts'
import type { Clock } from '../../dns/forward/clock.ts'

const path = '/etc/resolv.conf'
/** How often the file is looked at. */
const lookMs = 1000

export class HostServers {
  readonly #clock: Clock
  #lookedMs = -Infinity
  #stamp = ''
  #servers: readonly string[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** None where the file has none, or is not there. */
  get(): readonly string[] {
    const now = this.#clock.now()
    if (now - this.#lookedMs < lookMs) return this.#servers
    this.#lookedMs = now
    const stat = statSync(path, { throwIfNoEntry: false })
    const stamp = stat === undefined ? '' : `${stat.dev} ${stat.ino} ${stat.mtimeMs} ${stat.size}`
    if (stamp === this.#stamp) return this.#servers
    this.#servers = stamp === '' ? [] : parseResolvConf(readFileSync(path, 'utf8')).nameservers
    this.#stamp = stamp
    return this.#servers
  }
}
