/**
 * Everything a container lifecycle is built on, as sets in memory: what was made and not removed is in `left()`. Only the store
 * and the container's folder are real. Call number `failAt` of those that make or remove something throws.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Attachment, Connection, EndpointSpec, NetworkController, SandboxSpec } from '../../../../cnm/controller-api.ts'
import type { EndpointRecord, NetworkRecord, SandboxId, SandboxPort, SandboxRecord } from '../../../../cnm/types.ts'
import { TsnetError } from '../../../../errors/error.ts'
import type { Cgroups } from '../../../../runtime/cgroups/manager.ts'
import type { ContainerDependencies } from '../../../../runtime/container/dependencies.ts'
import { createContainerService } from '../../../../runtime/container/service.ts'
import type { ContainerService } from '../../../../runtime/container-service-api.ts'
import type { ExecRequest, StartedProcess, StartRequest } from '../../../../runtime/init/start-api.ts'
import type { ContainerRecord, ContainerSpec } from '../../../../runtime/types.ts'
import { openStore, type Store } from '../../../../store/store.ts'
import { InjectedFault } from '../../../helpers/faults.ts'

export const plainSpec: ContainerSpec = {
  image: 'busybox', command: ['sleep', '1'], env: [], labels: {}, network: { mode: 'bridge', network: 'bridge' }, ports: [],
  publishAll: false, dns: [], dnsSearch: [], dnsOptions: [], extraHosts: [], readOnly: false, mounts: [], limits: {},
  autoRemove: false, detach: true, interactive: false, tty: false, noNewPrivileges: false,
}

export interface FakeProcess { readonly startTime: number, signals: number[], alive: boolean, ignores: readonly number[] }

export interface FakeStart { readonly request: StartRequest, readonly pid: number, readonly shimPid: number, isDone: boolean, isLeft: boolean }

export class FakeWorld implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'tsnet-containers-'))
  readonly roots = { root: join(this.directory, 'root'), runRoot: join(this.directory, 'run') }
  readonly store: Store = openStore(this.roots.root)
  readonly sandboxes = new Map<string, SandboxSpec>()
  readonly connections: Omit<EndpointSpec, 'ports'>[] = []
  /** Of the only sandbox: what is published, and which of it the shim holds. */
  published: readonly SandboxPort[] = []
  held: readonly number[] = []
  readonly released: string[] = []
  readonly cgroups = new Set<string>()
  readonly rootfs = new Set<string>()
  readonly volumes = new Set<string>()
  readonly processes = new Map<number, FakeProcess>()
  readonly starts: FakeStart[] = []
  readonly execs: ExecRequest[] = []
  readonly calls: string[] = []
  readonly liveOwners = new Set<string>()
  bootId = 'boot-1'
  oomKilled = false
  failAt = 0
  /** What the next container does when it is sent a signal it does not ignore, or when it is ended. */
  ignores: readonly number[] = []
  startError: Error | undefined
  /** Called inside `start`, before it returns. */
  onStart: (() => void) | undefined
  #nextPid = 1000
  readonly #connected = new Set<string>()

  /** A tsnet process: its service, under its own lock. */
  service(owner = 'owner-1'): ContainerService {
    this.liveOwners.add(owner)
    return createContainerService(this.#dependencies(owner))
  }

  /** That process is gone; nothing of it runs on. */
  die(owner: string): void {
    this.liveOwners.delete(owner)
  }

  records(): readonly ContainerRecord[] {
    return this.store.read(tx => tx.table<ContainerRecord>('containers').list())
  }

  /** Everything that exists and is no stopped container's own. */
  left(): readonly string[] {
    const containers = join(this.roots.root, 'containers')
    return [
      ...[...this.sandboxes.keys()].map(id => `sandbox ${id}`),
      ...[...this.cgroups].map(id => `cgroup ${id}`),
      ...[...this.rootfs].map(id => `root ${id}`),
      ...[...this.volumes].map(name => `volume ${name}`),
      ...[...this.processes].filter(([pid, process]) => process.alive && !this.#isShim(pid)).map(([pid]) => `process ${pid}`),
      ...this.records().map(record => `record ${record.id} ${record.status}`),
      ...existsSync(containers) ? readdirSync(containers).map(name => `folder ${name}`) : [],
    ]
  }

  /** The container's program ends: its shim writes the status. `shimStays` until it is told or ended. */
  end(start: FakeStart, waitStatus: number): void {
    this.#process(start.pid).alive = false
    writeFileSync(start.request.statusPath, `${waitStatus} 1700000000 5\n`)
    this.#ended.get(start.shimPid)?.(waitStatus)
  }

  kill(pid: number): void {
    this.#process(pid).alive = false
  }

  get lastStart(): FakeStart {
    const start = this.starts.at(-1)
    if (start === undefined) throw new Error('nothing was started')
    return start
  }

  [Symbol.dispose](): void {
    this.store.close()
    rmSync(this.directory, { recursive: true, force: true })
  }

  readonly #ended = new Map<number, (status: number) => void>()

  #isShim(pid: number): boolean {
    return this.starts.some(start => start.shimPid === pid)
  }

  #process(pid: number): FakeProcess {
    const process = this.processes.get(pid)
    if (process === undefined) throw new Error(`no process ${pid}`)
    return process
  }

  #spawn(ignores: readonly number[] = []): number {
    const pid = this.#nextPid++
    this.processes.set(pid, { startTime: pid * 10, signals: [], alive: true, ignores })
    return pid
  }

  #call(name: string): void {
    this.calls.push(name)
    if (this.calls.length === this.failAt) throw new InjectedFault(`injected at call ${this.failAt}: ${name}`)
  }

  #dependencies(owner: string): ContainerDependencies {
    return {
      roots: this.roots, store: this.store, bootId: this.bootId,
      networks: this.#networks(), cgroups: this.#cgroupManager(),
      owner: { name: owner, isAlive: name => this.liveOwners.has(name) },
      images: { find: ref => {
        if (ref !== 'busybox' && ref !== 'sha256:1') throw new TsnetError('image-not-found', `no image ${ref}`)
        return { id: 'sha256:1' as never, defaults: {
          env: ['LANG=C'], entrypoint: [], command: ['sh'], workdir: '/', user: '', exposedPorts: ['80/tcp'], volumes: ['/data'],
          labels: { from: 'image', kind: 'image' }, stopSignal: '',
        } }
      } },
      rootfs: {
        prepare: async (id, from) => {
          this.#call('prepare root')
          this.rootfs.add(id)
          return 'rootfs' in from ? { kind: 'directory', path: from.rootfs }
            : { kind: 'overlay', lowers: ['/l'], upper: '/u', work: '/w', target: `/root/${id}` }
        },
        remove: async (id) => {
          this.#call('remove root')
          this.rootfs.delete(id)
        },
      },
      volumes: {
        ensure: async (name) => {
          this.#call('ensure volume')
          this.volumes.add(name)
          return `/volumes/${name}`
        },
        pathOf: name => `/volumes/${name}`,
        remove: async (name) => {
          this.#call('remove volume')
          this.volumes.delete(name)
        },
      },
      processes: {
        startTimeOf: pid => this.processes.get(pid)?.startTime ?? 0,
        isAlive: ({ pid, startTime }) => {
          const process = this.processes.get(pid)
          return process !== undefined && process.alive && process.startTime === startTime
        },
        signal: ({ pid, startTime }, signal) => {
          const process = this.processes.get(pid)
          if (process === undefined || !process.alive || process.startTime !== startTime) return false
          process.signals.push(signal)
          const start = this.starts.find(one => one.pid === pid)
          if (!process.ignores.includes(signal)) {
            if (start === undefined) process.alive = false
            else this.end(start, signal)
          }
          return true
        },
        waitEnd: async ({ pid }) => {
          await this.#runShimCleanup(pid)
          return true
        },
      },
      ports: {
        box: () => ({ descriptors: [8, 9], [Symbol.dispose]: () => undefined }),
        add: (_, descriptors) => {
          this.#call('hold ports')
          this.held = [...this.held, ...descriptors]
        },
        retain: (_, ports) => {
          this.held = this.held.filter(port => ports.some(({ host }) => host.first === port))
        },
      },
      start: request => this.#start(request),
      exec: async request => {
        this.execs.push(request)
        return { pid: this.#spawn(), shimPid: 0, exited: Promise.resolve(3 << 8), done: () => undefined, leave: () => undefined }
      },
      resolveUser: (_, user) => {
        this.#call('resolve user')
        const [id, home] = user === 'guest' ? [1000, '/home'] : [0, '/root']
        return { uid: id, gid: id, additionalGids: [], home }
      },
      hostFacts: { architecture: 'x64', processors: 2, limits: '', cgroupNamespace: false, confinesDevices: true },
      hostFiles: () => ({ hosts: '127.0.0.1\thost\n', resolvConf: 'nameserver 192.0.2.53\n', resolvedConf: '' }),
      hostname: () => 'the-host',
      resolvers: ({ endpoints }) => endpoints.flatMap(({ network }) => network.name === 'bridge' ? [] : [`resolver-of-${network.name}`]),
      cleanupCommand: id => ['/engine', '/bundle', 'internal', 'cleanup', id],
      now: () => '2026-01-01T00:00:00.000000000Z',
    }
  }

  /** What a detached shim does at its end: it becomes a tsnet process that cleans up. */
  async #runShimCleanup(shimPid: number): Promise<void> {
    const start = this.starts.find(one => one.shimPid === shimPid)
    const shim = this.processes.get(shimPid)
    if (start === undefined || shim === undefined || !shim.alive) return
    const id = start.request.cleanup.at(-1) ?? ''
    const owner = `shim-${shimPid}`
    // Whatever goes wrong there is nobody to tell: the process is gone, and others find what it left.
    if (start.request.detach) await this.service(owner).cleanup(id).catch(() => undefined)
    this.die(owner)
    shim.alive = false
  }

  async #start(request: StartRequest): Promise<StartedProcess> {
    this.#call('start')
    if (this.startError !== undefined) throw this.startError
    const { promise, resolve } = Promise.withResolvers<number>()
    const start = { request, pid: this.#spawn(this.ignores), shimPid: this.#spawn(), isDone: false, isLeft: false }
    this.starts.push(start)
    this.#ended.set(start.shimPid, resolve)
    this.onStart?.()
    return {
      pid: start.pid, shimPid: start.shimPid, exited: promise,
      done: () => {
        start.isDone = true
      },
      leave: () => {
        start.isLeft = true
      },
    }
  }

  #cgroupManager(): Cgroups {
    return {
      mode: 'v1', confinesDevices: true,
      pathOf: id => `/tsnet/${id}`,
      create: async id => {
        this.#call('create cgroups')
        this.cgroups.add(id)
        return { v1: [`/cg/${id}`] }
      },
      directoriesOf: id => ({ v1: [`/cg/${id}`] }),
      shimDirectories: () => ({ v1: ['/cg'] }),
      wasOomKilled: () => this.oomKilled,
      killAll: async id => {
        this.#call('kill all')
        const start = this.starts.find(one => one.request.cleanup.at(-1) === id)
        if (start !== undefined) this.#process(start.pid).alive = false
      },
      remove: async id => {
        this.#call('remove cgroups')
        this.cgroups.delete(id)
      },
    }
  }

  /** Every further network gives the address 10.9.9.9. */
  #connection(name: string): Connection {
    const endpoint = { id: 'e2', networkId: name, interfaceName: 'eth1', addresses: [{ family: 4, cidr: '10.9.9.9/24' }] } as unknown as EndpointRecord
    return { endpoint, network: { id: name, name } as unknown as NetworkRecord, warnings: [`about ${name}`] }
  }

  #networks(): NetworkController {
    const network = { id: 'n1', name: 'bridge',
      subnets: [{ family: 4, cidr: '172.17.0.0/16', gateway: '172.17.0.1', auxAddresses: {} }] }
    const endpoint = { id: 'e1', networkId: 'n1', interfaceName: 'eth0', addresses: [{ family: 4, cidr: '172.17.0.2/16' }] }
    const recordOf = (spec: SandboxSpec): SandboxRecord => ({
      id: spec.id, state: 'ready', owner: '', bootId: this.bootId, objects: [], driver: spec.mode, ports: this.published,
      ...spec.mode === 'host' ? {} : { netns: `/run/netns/${spec.mode === 'container' ? spec.target : spec.id}` },
      ...spec.mode === 'container' ? { sharedWith: spec.target } : {},
    })
    const partial: Partial<NetworkController> = {
      createSandbox: async (spec): Promise<Attachment> => {
        this.#call('create sandbox')
        this.sandboxes.set(spec.id, spec)
        const endpoints = spec.mode === 'bridge'
          ? [{ endpoint: endpoint as unknown as EndpointRecord, network: network as unknown as NetworkRecord }] : []
        return { sandbox: recordOf(spec), endpoints, heldPorts: [], warnings: ['a warning'] }
      },
      deleteSandbox: async id => {
        this.#call('delete sandbox')
        this.sandboxes.delete(id)
      },
      releaseAddresses: (id, network) => { this.released.push(`${network ?? 'all'} of ${id === this.records()[0]?.id ? 'it' : id}`) },
      findSandbox: (id: SandboxId) => {
        const spec = this.sandboxes.get(id)
        return spec === undefined ? undefined : recordOf(spec)
      },
      listEndpoints: () => [endpoint as unknown as EndpointRecord, ...[...this.#connected].map(name => this.#connection(name).endpoint)],
      getNetwork: ref => ({ ...network, ...ref === network.id || ref === network.name ? {} : { id: ref, name: ref, subnets: [{ family: 4, cidr: '10.9.9.0/24', auxAddresses: {} }] } }) as unknown as NetworkRecord,
      connect: async (_, spec) => {
        this.#call('connect')
        this.connections.push(spec)
        this.#connected.add(spec.network)
        return this.#connection(spec.network)
      },
      publish: async (_, requests, keep) => {
        const ports = requests.map(request => ({ ...request, host: request.host ?? request.container, held: [4] as const }))
        keep(ports.map(({ host }) => host.first))
        this.#call('publish')
        this.published = [...this.published, ...ports]
        return { ports, warnings: ['about ports'] }
      },
      unpublish: async (_, requests) => {
        const ports = this.published.filter(port => requests.some(({ container }) => container.first === port.container.first))
        this.published = this.published.filter(port => !ports.includes(port))
        this.#call('unpublish')
        return { ports, warnings: [] }
      },
      disconnect: async (_, ref) => {
        this.#call('disconnect')
        if (ref === 'elsewhere') throw new TsnetError('not-connected', 'it is not connected')
        this.#connected.delete(ref)
        return this.#connection(ref)
      },
    }
    return partial as NetworkController
  }
}
