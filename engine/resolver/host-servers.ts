/** The servers that the host itself asks, those on its loopback included: the resolver runs on the host. Read again when a file changes. */
import { readFileSync, statSync } from 'node:fs'
import type { Clock } from '../../dns/forward/clock.ts'
import { isReachable, parseResolvConf } from '../../dns/resolv-conf.ts'

const hostPath = '/etc/resolv.conf'
/** What systemd-resolved asks behind the stub that the host's file names. */
const resolvedPath = '/run/systemd/resolve/resolv.conf'
/** How often the files are looked at. */
const lookMs = 1000

export class HostServers {
  readonly #clock: Clock
  readonly #host = new WatchedServers(hostPath)
  readonly #resolved = new WatchedServers(resolvedPath)
  #lookedMs = -Infinity
  #tiers: readonly (readonly string[])[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Those to ask, and those to ask when none of them answers: the upstreams of a stub. The stub itself comes first, as it knows which of its
   * servers is for which names (a VPN's, for one).
   */
  get(): readonly (readonly string[])[] {
    const now = this.#clock.now()
    if (now - this.#lookedMs < lookMs) return this.#tiers
    this.#lookedMs = now
    const servers = this.#host.read()
    this.#tiers = servers.some(isReachable) ? [servers] : [servers, this.#resolved.read()]
    return this.#tiers
  }
}

class WatchedServers {
  readonly #path: string
  #stamp = ''
  #servers: readonly string[] = []

  constructor(path: string) {
    this.#path = path
  }

  /** None where the file has none, or is not there. */
  read(): readonly string[] {
    const stat = statSync(this.#path, { throwIfNoEntry: false })
    const stamp = stat === undefined ? '' : `${stat.dev} ${stat.ino} ${stat.mtimeMs} ${stat.size}`
    if (stamp === this.#stamp) return this.#servers
    this.#servers = stamp === '' ? [] : parseResolvConf(readFileSync(this.#path, 'utf8')).nameservers
    this.#stamp = stamp
    return this.#servers
  }
}
