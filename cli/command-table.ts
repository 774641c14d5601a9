/** All subcommands, each loaded only when it is called. Docker's words, and Docker's short forms beside its groups. */
import type { CommandModule } from './cli.ts'

export interface CommandEntry {
  /** Absent: not shown by --help; another word for a command that is, as with Docker. */
  readonly summary?: string
  /** Commands whose second word takes the place of the first argument: `port add`, while `port NAME` is the entry itself. */
  readonly actions?: Readonly<Record<string, CommandEntry>>
  load(): Promise<CommandModule>
}
export type CommandTable = Readonly<Record<string, CommandEntry | { readonly summary: string, readonly commands: Readonly<Record<string, CommandEntry>> }>>

const imageCommands = {
  import: { summary: 'Make an image from the tar archive of a root file system', load: () => import('./commands/image-import.ts') },
  load: { summary: 'Load images from a docker or OCI archive', load: () => import('./commands/image-load.ts') },
  ls: { summary: 'List images', load: () => import('./commands/image-ls.ts') },
  inspect: { summary: 'Show all that is known of images, as JSON', load: () => import('./commands/image-inspect.ts') },
  tag: { summary: 'Give an image another name', load: () => import('./commands/image-tag.ts') },
  rm: { summary: 'Remove images', load: () => import('./commands/image-rm.ts') },
  prune: { summary: 'Remove the images that no container uses', load: () => import('./commands/image-prune.ts') },
} satisfies Record<string, CommandEntry>

const containerCommands = {
  run: { summary: 'Create a container and run a command in it', load: () => import('./commands/run.ts') },
  exec: { summary: 'Run a command in a running container', load: () => import('./commands/exec.ts') },
  ps: { summary: 'List containers', load: () => import('./commands/ps.ts') },
  inspect: { summary: 'Show all that is known of containers or networks, as JSON', load: () => import('./commands/inspect.ts') },
  logs: { summary: 'Show what a container has printed', load: () => import('./commands/logs.ts') },
  port: { summary: 'Show the published ports of a container, add some, or remove some', load: () => import('./commands/port.ts'), actions: {
    add: { summary: 'Publish further ports of a running container', load: () => import('./commands/port-add.ts') },
    rm: { summary: 'Remove published ports of a running container', load: () => import('./commands/port-rm.ts') },
  } },
  wait: { summary: 'Wait until containers end, and print their exit codes', load: () => import('./commands/wait.ts') },
  stop: { summary: 'Stop containers: their stop signal, then SIGKILL', load: () => import('./commands/stop.ts') },
  kill: { summary: 'Send a signal to containers', load: () => import('./commands/kill.ts') },
  rm: { summary: 'Remove containers', load: () => import('./commands/rm.ts') },
} satisfies Record<string, CommandEntry>

export const commandTable: CommandTable = {
  ...containerCommands,
  network: {
    summary: 'Manage networks',
    commands: {
      create: { summary: 'Create a network', load: () => import('./commands/network-create.ts') },
      ls: { summary: 'List networks', load: () => import('./commands/network-ls.ts') },
      inspect: { summary: 'Show all that is known of networks, as JSON', load: () => import('./commands/network-inspect.ts') },
      connect: { summary: 'Connect a running container to a further network', load: () => import('./commands/network-connect.ts') },
      disconnect: { summary: 'Disconnect a running container from a network', load: () => import('./commands/network-disconnect.ts') },
      events: { summary: 'Show what happens to networks', load: () => import('./commands/network-events.ts') },
      rm: { summary: 'Remove networks', load: () => import('./commands/network-rm.ts') },
      prune: { summary: 'Remove the networks that no container uses', load: () => import('./commands/network-prune.ts') },
      list: { load: () => import('./commands/network-ls.ts') },
      remove: { load: () => import('./commands/network-rm.ts') },
    },
  },
  image: { summary: 'Manage images', commands: {
    ...imageCommands, list: { load: imageCommands.ls.load }, remove: { load: imageCommands.rm.load },
  } },
  volume: {
    summary: 'Manage volumes',
    commands: {
      create: { summary: 'Create a volume', load: () => import('./commands/volume-create.ts') },
      ls: { summary: 'List volumes', load: () => import('./commands/volume-ls.ts') },
      inspect: { summary: 'Show all that is known of volumes, as JSON', load: () => import('./commands/volume-inspect.ts') },
      rm: { summary: 'Remove volumes', load: () => import('./commands/volume-rm.ts') },
      prune: { summary: 'Remove the volumes that no container uses', load: () => import('./commands/volume-prune.ts') },
      list: { load: () => import('./commands/volume-ls.ts') },
      remove: { load: () => import('./commands/volume-rm.ts') },
    },
  },
  container: { summary: 'Manage containers (the commands above)', commands: {
    ...containerCommands, ls: containerCommands.ps,
    prune: { summary: 'Remove the containers that do not run', load: () => import('./commands/container-prune.ts') },
    list: { load: containerCommands.ps.load },
    remove: { load: containerCommands.rm.load },
  } },
  firewall: { summary: 'Show the firewall rules, or choose the backend', load: () => import('./commands/firewall.ts') },
  topology: { summary: 'Show the networks of this host as a picture, with live counters', load: () => import('./commands/topology.ts') },
  events: { summary: 'Show what happens to containers and networks', load: () => import('./commands/events.ts') },
  serve: { summary: 'Serve Docker as a network and IPAM plugin', load: () => import('./commands/serve.ts') },
  cni: { summary: 'Manage the CNI plugins', commands: {
    install: { summary: 'Install the CNI plugins into a folder', load: () => import('./commands/cni-install.ts') },
  } },
  info: { summary: 'Show what tsnet found on this host', load: () => import('./commands/info.ts') },
  version: { summary: 'Show the version', load: () => import('./commands/version.ts') },
  images: { load: imageCommands.ls.load },
  rmi: { load: imageCommands.rm.load },
  import: { load: imageCommands.import.load },
  load: { load: imageCommands.load.load },
  tag: { load: imageCommands.tag.load },
  internal: { load: () => import('./commands/internal.ts') },
}
