/** `tsnet serve`: listens for Docker, until it is told to end. */
import type { Command } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { TsnetError } from '../../errors/error.ts'
import type { ServeOptions } from '../../daemon/serve.ts'
import type { Cli } from '../cli.ts'

interface ServeFlags {
  readonly socket: string
  readonly tcp?: string
  readonly tlsCa?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly discovery?: string
  readonly clientCert?: string
  readonly clientKey?: string
  readonly dockerHost?: string
  readonly managed?: true
}

const defaultSocket = '/run/docker/plugins/tsnet.sock'

export function define(command: Command, cli: Cli): void {
  command.description('Serve Docker as a network and IPAM plugin, until it is ended by a signal')
    .option('--socket <path>', 'the plugin\'s socket; its name is the driver\'s', defaultSocket)
    .option('--tcp <host:port>', 'also over TCP, with TLS and client certificates')
    .option('--tls-ca <file>', 'who signed the clients\' certificates')
    .option('--tls-cert <file>', 'the server\'s certificate')
    .option('--tls-key <file>', 'the server\'s key')
    .option('--discovery <file>', 'write a .spec or .json file by which dockerd finds the plugin')
    .option('--client-cert <file>', 'for the .json file: dockerd\'s certificate')
    .option('--client-key <file>', 'for the .json file: dockerd\'s key')
    .option('--docker-host <url>', 'where to ask Docker for the names of containers; also DOCKER_HOST; unix:///var/run/docker.sock')
    .option('--managed', 'as a managed plugin of Docker, in the container that dockerd makes for it')
    .action(async (flags: ServeFlags) => run(flags, cli))
}

async function run(flags: ServeFlags, cli: Cli): Promise<void> {
  const options = serveOptions(flags, cli)
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
  if (flags.managed === true) {
    const { makeSysctlsWritable } = await import('../../daemon/managed.ts')
    makeSysctlsWritable()
  }
  const engine = await cli.engine()
  const { serve } = await import('../../daemon/serve.ts')
  await serve(engine, options, stop.signal)
}

/** What is given in vain was meant for something. @throws invalid-argument */
function refuseIdle({ tcp, discovery, tlsCa, tlsCert, tlsKey, clientCert, clientKey }: ServeFlags): void {
  const refuse = (given: Readonly<Record<string, string | undefined>>, needed: string): void => {
    const [idle] = Object.keys(given).filter(flag => given[flag] !== undefined)
    if (idle !== undefined) throw new TsnetError('invalid-argument', `${idle}: is of no use without ${needed}`)
  }
  const client = { '--client-cert': clientCert, '--client-key': clientKey }
  if (tcp === undefined) refuse({ '--tls-ca': tlsCa, '--tls-cert': tlsCert, '--tls-key': tlsKey, ...client }, '--tcp')
  if (discovery === undefined) refuse(client, '--discovery')
}

function serveOptions(flags: ServeFlags, { env, warn }: Cli): ServeOptions {
  refuseIdle(flags)
  const descriptor = activated(env)
  const dockerSocket = apiSocket(flags.dockerHost ?? env.DOCKER_HOST ?? 'unix:///var/run/docker.sock')
  const tcp = tcpOptions(flags)
  return {
    log: warn,
    docker: {
      version: packageJson.version,
      ...descriptor === undefined ? { socket: absolute('--socket', flags.socket) } : { descriptor },
      ...tcp === undefined ? {} : { tcp },
      ...dockerSocket === undefined ? {} : { dockerSocket },
      ...flags.discovery === undefined ? {} : { discovery: {
        path: absolute('--discovery', flags.discovery),
        ...flags.clientCert === undefined ? {} : { clientCert: absolute('--client-cert', flags.clientCert) },
        ...flags.clientKey === undefined ? {} : { clientKey: absolute('--client-key', flags.clientKey) },
      } },
    },
  }
}

function tcpOptions({ tcp, tlsCa, tlsCert, tlsKey }: ServeFlags): ServeOptions['docker']['tcp'] {
  if (tcp === undefined) return undefined
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(tcp) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new TsnetError('invalid-argument', `--tcp: "${tcp.slice(0, 80)}" is not HOST:PORT`)
  }
  if (tlsCa === undefined || tlsCert === undefined || tlsKey === undefined) {
    throw new TsnetError('invalid-argument', '--tcp: needs --tls-ca, --tls-cert and --tls-key: who may call the plugin may do what root may')
  }
  return { host, port: Number(port), ca: absolute('--tls-ca', tlsCa), cert: absolute('--tls-cert', tlsCert), key: absolute('--tls-key', tlsKey) }
}

function absolute(flag: string, path: string): string {
  if (path.startsWith('/')) return path
  throw new TsnetError('invalid-argument', `${flag}: needs an absolute path, not "${path.slice(0, 80)}"`)
}

/** Only a socket: Docker elsewhere has other networks. */
function apiSocket(url: string): string | undefined {
  return url.startsWith('unix://') ? url.slice('unix://'.length) : undefined
}

/** The protocol of sd_listen_fds(3): descriptors from 3 on, for the process of this id. */
function activated(env: NodeJS.ProcessEnv): number | undefined {
  if (env.LISTEN_PID !== String(process.pid) || env.LISTEN_FDS === undefined) return undefined
  if (env.LISTEN_FDS === '1') return 3
  throw new TsnetError('invalid-argument', `serve: systemd handed over ${env.LISTEN_FDS} sockets; it takes one`)
}
