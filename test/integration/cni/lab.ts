/**
 * Calls of CNI plugins as an orchestrator makes them: ours inside this process, the reference plugins of Debian as programs; containers are
 * namespaces under /run/netns.
 */
import { runCommand } from '../../helpers/namespace.ts'
import { type Answer, answer } from '../../../cni/call.ts'
import { openCni } from '../../../cni/open.ts'
import type { KernelObserver } from '../../../objects/family.ts'

export type Json = Readonly<Record<string, unknown>>

export interface CallSpec {
  readonly command: string
  readonly config: Json | string
  readonly id?: string
  /** Default: /run/netns/ID. */
  readonly netns?: string
  readonly ifname?: string
  readonly args?: string
  readonly path?: string
  readonly env?: Readonly<Record<string, string | undefined>>
}

export interface Outcome extends Answer { readonly result: Json }

export const REFERENCE = '/usr/lib/cni'

/** One call of our plugin of that name; the core is opened and closed for it, as by a process of its own. */
export async function ours(program: string, spec: CallSpec, { roots, observer }: Ours): Promise<Outcome> {
  let close = (): Promise<void> => Promise.resolve()
  const given = await answer({
    program, environment: environmentOf(spec), stdin: () => textOf(spec.config), warn: line => { throw new Error(line) },
    core() {
      const opened = openCni(roots, observer === undefined ? {} : { observer })
      close = () => opened.close()
      return opened
    },
  })
  await close()
  return parsed(given)
}

export interface Ours { readonly roots: { readonly root: string, readonly runRoot: string }, readonly observer?: KernelObserver }

/** The same call of the reference plugin. */
export async function reference(program: string, spec: CallSpec): Promise<Outcome> {
  const environment = environmentOf({ path: REFERENCE, ...spec })
  const { status, stdout, stderr } = await runCommand(['env', '-u', 'CNI_COMMAND', ...words(environment), `${REFERENCE}/${program}`], { input: textOf(spec.config) })
  return parsed({ status, stdout, stderr })
}

function words(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) => value === undefined ? [] : [`${name}=${value}`])
}

export function environmentOf({ command, id = 'c1', netns, ifname = 'eth0', args, path = '/dev/null/missing', env }: CallSpec) {
  return {
    PATH: process.env.PATH, CNI_COMMAND: command, CNI_CONTAINERID: id, CNI_NETNS: netns ?? `/run/netns/${id}`, CNI_IFNAME: ifname, CNI_PATH: path,
    ...args === undefined ? {} : { CNI_ARGS: args }, ...env,
  }
}

function textOf(config: Json | string): string {
  return typeof config === 'string' ? config : JSON.stringify(config)
}

function parsed(given: Answer): Outcome {
  return { ...given, result: given.stdout === '' ? {} : JSON.parse(given.stdout) as Json }
}

export async function withContainers<T>(ids: readonly string[], act: () => Promise<T>): Promise<T> {
  for (const id of ids) await runCommand(['ip', 'netns', 'add', id])
  try {
    return await act()
  } finally {
    for (const id of ids) await runCommand(['ip', 'netns', 'del', id])
  }
}

export const bridgeConfig = {
  cniVersion: '1.0.0', name: 'blue', type: 'bridge', bridge: 'cni7', isDefaultGateway: true, ipMasq: true,
  ipam: { type: 'host-local', ranges: [[{ subnet: '10.7.0.0/24' }], [{ subnet: 'fd07::/64' }]] },
} as const

export const tsnetConfig = {
  ...bridgeConfig, type: 'tsnet', capabilities: { portMappings: true },
  runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }, { hostPort: 5353, containerPort: 53, protocol: 'udp' }] },
} as const
