/** One container interface by CNI calls, as an orchestrator makes them: the reference chain, or ours standalone, as a chain, or by the thin client. */
import { execute, executeBeside } from './sample.ts'

export interface ChainOptions {
  /** Folder of the plugins; the names in it are those called. */
  readonly folder: string
  readonly plugins: readonly ('tsnet' | 'bridge' | 'portmap')[]
  /** Of the network, its bridge and the third number of its addresses. */
  readonly name: string
  readonly bridge: string
  readonly subnet: string
  readonly dataDir: string
  readonly env: NodeJS.ProcessEnv
}

/** How many host ports an interface publishes, from `first` on. */
export interface Ports { readonly first: number, readonly count: number }

interface Call { readonly id: string, readonly plugin: string, readonly ports: Ports, readonly prevResult: unknown }

export class CniChain {
  readonly #options: ChainOptions
  /** What each container was given, for its DEL. */
  readonly #results = new Map<string, unknown>()

  constructor(options: ChainOptions) {
    this.#options = options
  }

  makeNamespace(id: string): void {
    execute(['ip', 'netns', 'add', id])
  }

  removeNamespace(id: string): void {
    execute(['ip', 'netns', 'del', id])
  }

  add(id: string, ports: Ports): void {
    let result: unknown
    for (const plugin of this.#options.plugins) result = JSON.parse(this.#call('ADD', { id, plugin, ports, prevResult: result }))
    this.#results.set(id, result)
  }

  /** The same beside others; the first address of the result. */
  async addBeside(id: string, ports: Ports): Promise<string> {
    let result: { readonly ips?: readonly { readonly address: string }[] } | undefined
    for (const plugin of this.#options.plugins) {
      const { argv, options } = this.#command('ADD', { id, plugin, ports, prevResult: result })
      result = JSON.parse(await executeBeside(argv, options)) as typeof result
    }
    this.#results.set(id, result)
    return result?.ips?.[0]?.address ?? ''
  }

  remove(id: string, ports: Ports): void {
    for (const plugin of this.#options.plugins.toReversed()) this.#call('DEL', { id, plugin, ports, prevResult: this.#results.get(id) })
    this.#results.delete(id)
  }

  async removeBeside(id: string, ports: Ports): Promise<void> {
    for (const plugin of this.#options.plugins.toReversed()) {
      const { argv, options } = this.#command('DEL', { id, plugin, ports, prevResult: this.#results.get(id) })
      await executeBeside(argv, options)
    }
    this.#results.delete(id)
  }

  #call(command: 'ADD' | 'DEL', call: Call): string {
    const { argv, options } = this.#command(command, call)
    return execute(argv, options)
  }

  #command(command: 'ADD' | 'DEL', { id, plugin, ports: { first, count }, prevResult }: Call) {
    const { name, bridge, subnet, dataDir, folder, env } = this.#options
    const portMappings = Array.from({ length: count }, (_, index) => ({ hostPort: first + index, containerPort: 80 + index, protocol: 'tcp' }))
    const config = {
      cniVersion: '1.0.0', name, type: plugin, bridge, isDefaultGateway: true, ipMasq: true, ipam: { type: 'host-local', dataDir, ranges: [[{ subnet }]] },
      runtimeConfig: { portMappings }, ...prevResult === undefined ? {} : { prevResult },
    }
    const variables = { CNI_COMMAND: command, CNI_CONTAINERID: id, CNI_NETNS: `/run/netns/${id}`, CNI_IFNAME: 'eth0', CNI_PATH: folder }
    return { argv: [`${folder}/${plugin}`], options: { input: JSON.stringify(config), env: { ...env, PATH: process.env.PATH, ...variables } } }
  }
}
