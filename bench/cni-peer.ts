/** The CNI plugin `bridge` with `host-local`, called as the specification wants it: one process, configuration on stdin. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { execute } from './sample.ts'

const PLUGINS = '/usr/lib/cni'
const BRIDGE = 'cnibench0'

export class CniPeer implements Disposable {
  readonly #config: string
  #count = 0

  constructor(folder: string) {
    const dataDir = join(folder, 'cni')
    mkdirSync(dataDir)
    this.#config = JSON.stringify({
      cniVersion: '1.0.0', name: 'bench', type: 'bridge', bridge: BRIDGE, isGateway: true, ipMasq: true,
      ipam: { type: 'host-local', dataDir, ranges: [[{ subnet: '10.88.0.0/16' }]], routes: [{ dst: '0.0.0.0/0' }] },
    })
    // The bridge and the chains every container needs are there, as they are for tsnet.
    this.prepare()
    this.add()
  }

  /** Makes the namespace that the next `add` fills. */
  prepare(): void {
    this.#count += 1
    execute(['ip', 'netns', 'add', this.#name])
  }

  add(): void {
    this.#call('ADD')
  }

  remove(): void {
    this.#call('DEL')
    execute(['ip', 'netns', 'del', this.#name])
    this.#count -= 1
  }

  get #name(): string {
    return `cnibench-${this.#count}`
  }

  #call(command: 'ADD' | 'DEL'): void {
    execute([join(PLUGINS, 'bridge')], {
      input: this.#config,
      env: {
        PATH: process.env.PATH, CNI_COMMAND: command, CNI_CONTAINERID: this.#name, CNI_NETNS: `/run/netns/${this.#name}`, CNI_IFNAME: 'eth0',
        CNI_PATH: PLUGINS,
      },
    })
  }

  [Symbol.dispose](): void {
    this.remove()
    execute(['ip', 'link', 'del', BRIDGE])
  }
}
