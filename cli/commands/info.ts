/** `tsnet info [--format json|TEMPLATE]`: what tsnet found on this host, for people and for bug reports. */
import { release } from 'node:os'
import type { Command } from 'commander'
import type { Engine } from '../../engine/open.ts'
import packageJson from '../../package.json' with { type: 'json' }
import type { Cli } from '../cli.ts'
import { formatTemplate } from '../output/template.ts'

export function define(command: Command, cli: Cli): void {
  command.description('Show what tsnet found on this host')
    .option('-f, --format <format>', 'json, or a template such as {{.CgroupVersion}}')
    .action(async ({ format }: { readonly format?: string }) => {
      const info = await gather(await cli.engine())
      if (format !== undefined) cli.print(formatTemplate(format, info))
      else for (const [key, value] of Object.entries(info)) cli.print(`${spaced(key)}: ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    })
}

type Info = Readonly<Record<string, string | number | boolean | readonly string[]>>

async function gather({ containers, controller, images, volumes, firewall, host, roots }: Engine): Promise<Info> {
  const all = containers.list({ all: true })
  const running = all.filter(({ status }) => status === 'running').length
  const facts = host.facts()
  return {
    ServerVersion: packageJson.version,
    Containers: all.length, ContainersRunning: running, ContainersStopped: all.length - running,
    Images: images.store.list().length, Volumes: volumes.list().length,
    Networks: controller.listNetworks().map(({ name }) => name),
    FirewallBackend: await firewall.expect(),
    CgroupVersion: host.cgroupMode,
    KernelVersion: release(), Architecture: process.arch,
    IPv4Forwarding: facts.forwarding.v4, IPv6Forwarding: facts.forwarding.v6,
    BridgeNfIptables: facts.bridgeNetfilter.v4, BridgeNfIp6tables: facts.bridgeNetfilter.v6,
    DockerInstalled: facts.dockerInstalled,
    DefaultRouteMtu: facts.defaultRouteMtu,
    RootDir: roots.root, RunRootDir: roots.runRoot,
  }
}

function spaced(key: string): string {
  return key.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
}
