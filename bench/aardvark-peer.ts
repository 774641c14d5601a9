/** Podman's aardvark-dns on a bridge of its own, as Netavark sets it up: a file with a line per container, and a member to ask from. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execute } from './sample.ts'

const PROGRAM = '/usr/lib/podman/aardvark-dns'
const BRIDGE = 'bench-aardvark'
const NETNS = 'bench-aardvark'

export class AardvarkPeer implements AsyncDisposable {
  readonly address = '10.213.0.1'
  readonly netns = `/run/netns/${NETNS}`
  readonly #stack: DisposableStack

  private constructor(stack: DisposableStack) {
    this.#stack = stack
  }

  /** With these containers; resolves when it answers. */
  static async start(folder: string, names: readonly string[]): Promise<AardvarkPeer> {
    using stack = new DisposableStack()
    const made = (make: string, undo: string): void => {
      execute(make.split(' '))
      stack.defer(() => { execute(undo.split(' ')) })
    }
    made(`ip link add ${BRIDGE} type bridge`, `ip link del ${BRIDGE}`)
    execute(['ip', 'addr', 'add', '10.213.0.1/24', 'dev', BRIDGE])
    execute(['ip', 'link', 'set', BRIDGE, 'up'])
    made(`ip netns add ${NETNS}`, `ip netns del ${NETNS}`)
    execute(['ip', 'link', 'add', 'bench-av0', 'master', BRIDGE, 'up', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', NETNS])
    execute(['ip', '-n', NETNS, 'addr', 'add', '10.213.0.2/24', 'dev', 'eth0'])
    execute(['ip', '-n', NETNS, 'link', 'set', 'eth0', 'up'])
    const config = join(folder, 'aardvark')
    mkdirSync(config)
    const lines = names.map((name, index) => `${String(index).padStart(64, '0')} 10.213.0.${index + 2}  ${name}\n`)
    writeFileSync(join(config, 'bench'), `10.213.0.1\n${lines.join('')}`)
    // It goes on in a process of its own, whose number it leaves there.
    execute([PROGRAM, '--config', config, '--port', '53', 'run'])
    const pid = Number(readFileSync(join(config, 'aardvark.pid'), 'utf8'))
    stack.defer(() => { process.kill(pid, 'SIGKILL') })
    const peer = new AardvarkPeer(stack.move())
    await peer.#answers(names[0] ?? '')
    return peer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stack.dispose()
  }

  async #answers(name: string): Promise<void> {
    for (const end = Date.now() + 20_000; ;) {
      try {
        execute(['nsenter', `--net=${this.netns}`, 'dig', '+time=1', '+tries=1', `@${this.address}`, name])
        return
      } catch (error) {
        if (Date.now() > end) throw new Error('aardvark-dns does not answer', { cause: error })
        await new Promise(resolve => setTimeout(resolve, 100))
      }
    }
  }
}
