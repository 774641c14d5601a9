/**
 * A host of its own for a test, and the world around it.
 *
 * The test process itself is the host: it was put into a new network and mount namespace before anything else (fake-host.cjs), so
 * nothing here can touch the real one. What this file adds is an uplink to a namespace that plays the rest of the world:
 *
 *     host (this process)                    outside
 *     up0  192.0.2.1/24      ── veth ──  eth0  192.0.2.2/24
 *          2001:db8::1/64                      2001:db8::2/64
 *     default via outside                no route to any container
 *
 * That outside has no route back is on purpose: it can answer a container only where tsnet masquerades.
 * Tests of one file share the host: use `test.serial`.
 */
import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { type CommandOptions, type CommandResult, Namespace } from './namespace.ts'
import { assertNoResidue, type Snapshot, takeSnapshot } from './snapshot.ts'
import { createRoots, type Roots, runTsnet, startTsnet } from './tsnet.ts'

export interface NeighbourOptions {
  /** Name of the host's end of the link. */
  readonly link: string
  /** Addresses of the host's end and of the neighbour's `eth0`, in CIDR notation, one pair per family. */
  readonly addresses: readonly { readonly host: string, readonly neighbour: string }[]
}

/** A look takes some milliseconds. */
const MAX_LOOKS = 2000

const OUTSIDE: NeighbourOptions = {
  link: 'up0',
  addresses: [
    { host: '192.0.2.1/24', neighbour: '192.0.2.2/24' },
    { host: '2001:db8::1/64', neighbour: '2001:db8::2/64' },
  ],
}

export class FakeHost extends Namespace {
  /** The rest of the world, one veth away. */
  readonly outside: Namespace
  /** State folders of the tsnet that `tsnet` runs. */
  readonly roots: Roots
  readonly #stack: AsyncDisposableStack

  private constructor(outside: Namespace, roots: Roots, stack: AsyncDisposableStack) {
    super('host')
    this.outside = outside
    this.roots = roots
    this.#stack = stack
  }

  /** @throws when the process is not in namespaces of its own: without root, or without the preload of scripts/test.sh. */
  static async create(): Promise<FakeHost> {
    if (process.env.TSNET_FAKE_HOST !== 'inside') throw new Error('not inside a fake host: run tests with scripts/test.sh, as root')
    await using stack = new AsyncDisposableStack()
    setForwarding('0')
    stack.defer(() => setForwarding('0'))
    const outside = await addNeighbour(stack, 'outside', OUTSIDE)
    const self = new Namespace('host')
    await self.run('ip', 'route', 'add', 'default', 'via', '192.0.2.2')
    await self.run('ip', '-6', 'route', 'add', 'default', 'via', '2001:db8::2')
    const roots = stack.use(createRoots())
    const host = new FakeHost(outside, roots, stack.move())
    return host
  }

  /** One more namespace beside the host, gone with it. */
  neighbour(name: string, options: NeighbourOptions): Promise<Namespace> {
    return addNeighbour(this.#stack, name, options)
  }

  /** Everything the host holds, without what changes by itself; the files under this tsnet's roots are part of it. */
  snapshot(): Promise<Snapshot> {
    return takeSnapshot([this.roots.root, this.roots.runRoot])
  }

  /** Throws when the host is not as it was, but for the lines that `except` names. */
  async assertAsBefore(before: Snapshot, options: { readonly except?: readonly RegExp[] } = {}): Promise<void> {
    assertNoResidue(before, await this.snapshot(), options)
  }

  /** Runs the command line of the checkout to its end. */
  tsnet(...args: readonly string[]): Promise<CommandResult> {
    return runTsnet(this.roots, args)
  }

  tsnetWith(options: CommandOptions, ...args: readonly string[]): Promise<CommandResult> {
    return runTsnet(this.roots, args, options)
  }

  /** Starts the command line with pipes for its streams; it is ended with the host. */
  startTsnet(...args: readonly string[]): ChildProcess {
    return startTsnet(this, this.roots, args)
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#removeContainers()
    await super[Symbol.asyncDispose]()
    await this.#stack.disposeAsync()
  }

  /** A test that failed in the middle leaves its containers, whose processes would outlive it. */
  async #removeContainers(): Promise<void> {
    const folder = `${this.roots.root}/containers`
    const left = existsSync(folder) ? readdirSync(folder) : []
    if (left.length > 0) await this.tsnet('rm', '-f', ...left)
  }
}

/** A namespace takes the real host's forwarding at birth; a test begins with a host that does not forward. */
function setForwarding(value: '0' | '1'): void {
  writeFileSync('/proc/sys/net/ipv4/ip_forward', value)
  writeFileSync('/proc/sys/net/ipv6/conf/all/forwarding', value)
}

async function addNeighbour(stack: AsyncDisposableStack, name: string, options: NeighbourOptions): Promise<Namespace> {
  const host = new Namespace('host')
  await host.run('ip', 'netns', 'add', name)
  stack.defer(async () => { await host.run('ip', 'netns', 'del', name) })
  const neighbour = new Namespace(name, `/run/netns/${name}`)
  await host.run('ip', 'link', 'add', options.link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
  stack.defer(async () => { await host.run('ip', 'link', 'del', options.link) })
  stack.use(neighbour)
  // Link-local addresses are given here: the kernel would add its own at a moment of its choice, in the middle of a comparison.
  await host.run('ip', 'link', 'set', options.link, 'addrgenmode', 'none')
  await neighbour.run('ip', 'link', 'set', 'eth0', 'addrgenmode', 'none')
  const linkLocal = { host: 'fe80::1/64', neighbour: 'fe80::2/64' }
  for (const addresses of [...options.addresses, linkLocal]) {
    await host.run('ip', 'addr', 'add', addresses.host, 'dev', options.link, ...noDad(addresses.host))
    await neighbour.run('ip', 'addr', 'add', addresses.neighbour, 'dev', 'eth0', ...noDad(addresses.neighbour))
  }
  await neighbour.run('ip', 'link', 'set', 'lo', 'up')
  await neighbour.run('ip', 'link', 'set', 'eth0', 'up')
  await host.run('ip', 'link', 'set', options.link, 'up')
  await untilUsable(host, options.link)
  await untilUsable(neighbour, 'eth0')
  return neighbour
}

/** The kernel makes the routes of IPv6 addresses when it has seen the carrier, which is some time after the link was set up. */
async function untilUsable(on: Namespace, link: string): Promise<void> {
  for (let left = MAX_LOOKS; left > 0; left -= 1) {
    const routes = await on.run('ip', '-6', 'route', 'show', 'table', 'local', 'dev', link)
    if (routes.includes('local fe80::')) return
  }
  throw new Error(`the link ${link} of ${on.name} does not come up`)
}

/** IPv6 addresses must be usable at once, not after a second of duplicate detection. */
function noDad(cidr: string): readonly string[] {
  return cidr.includes(':') ? ['nodad'] : []
}
