/** A network, a container on it and what they refer to, as the core hands them to the command line. */
import type { EndpointId, EndpointRecord, NetworkId, NetworkRecord, SandboxId, SandboxRecord } from '../../../cnm/types.ts'
import type { ContainerDetails } from '../../../runtime/container-service-api.ts'
import { containerPaths } from '../../../runtime/paths.ts'
import type { ContainerRecord, ContainerSpec } from '../../../runtime/types.ts'

export const now = Date.UTC(2026, 0, 31, 12)
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString().replace('Z', '000000Z')
const at = { state: 'ready', owner: '', bootId: 'boot', objects: [] } as const
const id = (digit: string): string => digit.repeat(64)

export const network: NetworkRecord = {
  ...at, id: id('b') as NetworkId, name: 'blue', driver: 'bridge', created: ago(86_400 * 3),
  subnets: [
    { family: 4, cidr: '10.20.0.0/24', gateway: '10.20.0.1', ipRange: '10.20.0.128/25', auxAddresses: { printer: '10.20.0.9' } },
    { family: 6, cidr: 'fd00:20::/64', gateway: 'fd00:20::1', auxAddresses: {} },
  ],
  internal: false, enableIPv4: true, enableIPv6: true, labels: { team: 'a' }, options: { 'com.docker.network.bridge.enable_icc': 'false' },
  parsed: { bridgeName: 'tsbr-bbbbbbbb', mtu: 1500, icc: false, masquerade: true, gatewayModeV4: 'nat', gatewayModeV6: 'nat', interfacePrefix: 'eth' },
}

export const sandbox: SandboxRecord = { ...at, id: id('c') as SandboxId, driver: 'bridge', netns: `/run/tsnet/netns/${id('c')}` }

export const endpoint: EndpointRecord = {
  ...at, id: id('e') as EndpointId, networkId: network.id, sandboxId: sandbox.id, name: 'web', interfaceName: 'eth0', hostInterface: 'tseeeeeeeeee',
  mac: '02:42:0a:14:00:02', addresses: [{ family: 4, cidr: '10.20.0.2/24' }, { family: 6, cidr: 'fd00:20::2/64' }], gatewayFor: [4, 6],
  ports: [
    { protocol: 'tcp', host: { first: 8080, last: 8080 }, container: { first: 80, last: 80 } },
    { protocol: 'udp', hostIp: '127.0.0.1', host: { first: 5300, last: 5301 }, container: { first: 53, last: 54 } },
    { protocol: 'tcp', hostIp: '::1', host: { first: 8443, last: 8443 }, container: { first: 443, last: 443 } },
  ],
}

const spec: ContainerSpec = {
  image: 'busybox', command: ['httpd', '-f', '-p', '80', '-h', '/www'], name: 'web', env: ['A=1'], labels: { role: 'web' },
  network: { mode: 'bridge', network: 'blue' },
  ports: [
    { protocol: 'tcp', host: { first: 8080, last: 8080 }, container: { first: 80, last: 80 } },
    { protocol: 'udp', hostIp: '127.0.0.1', host: { first: 5300, last: 5301 }, container: { first: 53, last: 54 } },
    { protocol: 'tcp', hostIp: '::1', container: { first: 443, last: 443 } },
  ],
  publishAll: false, ip: '10.20.0.2', dns: ['192.0.2.53'], dnsSearch: [], dnsOptions: [], extraHosts: ['db:10.0.0.1'], readOnly: true,
  mounts: [{ kind: 'bind', source: '/srv/www', target: '/www', readOnly: true }, { kind: 'volume', source: 'store', target: '/data', readOnly: false }],
  limits: { memoryBytes: 268_435_456, cpuQuotaUs: 150_000, pids: 100 }, stopTimeoutSeconds: 3, autoRemove: false, detach: true, interactive: false,
  tty: false, noNewPrivileges: true,
}

export const record: ContainerRecord = {
  id: sandbox.id, name: 'web', spec, created: ago(7500), status: 'running', owner: '', bootId: 'boot', imageId: `sha256:${id('1')}`,
  path: 'httpd', args: ['-f', '-p', '80', '-h', '/www'], env: ['PATH=/bin', 'A=1'], workdir: '/', user: '', hostname: 'cccccccccccc',
  exposedPorts: ['80/tcp', '9000/tcp'], stopSignal: 'SIGTERM', mounts: spec.mounts, anonymousVolumes: [],
  pid: 4242, pidStartTime: 1, shimPid: 4241, shimStartTime: 1, startedAt: ago(7499), finishedAt: '', exitCode: 0, error: '', oomKilled: false,
  manuallyStopped: false,
}

export const details: ContainerDetails = {
  record, paths: containerPaths({ root: '/var/lib/tsnet', runRoot: '/run/tsnet' }, record.id),
  image: { id: `sha256:${id('1')}`, defaults: {
    entrypoint: [], command: ['sh'], env: ['PATH=/bin'], workdir: '/', user: '', exposedPorts: ['80/tcp', '9000/tcp'], volumes: [],
    labels: { vendor: 'example' }, stopSignal: '',
  } },
  mounts: spec.mounts.map(mount => ({ ...mount, hostPath: mount.kind === 'bind' ? '/srv/www' : '/var/lib/tsnet/volumes/store/_data' })),
  sandbox, endpoints: [{ endpoint, network }],
}

/** The same container after its end: no sandbox, no endpoints. */
export const ended: ContainerDetails = {
  record: { ...record, status: 'exited', exitCode: 137, pid: 0, finishedAt: ago(90), oomKilled: true }, paths: details.paths, mounts: details.mounts,
  endpoints: [],
}

const { imageId: _, ...withoutImage } = record

/** Of a directory, on the host's network, without anything else. */
export const bare: ContainerDetails = {
  record: {
    ...withoutImage, name: 'bare', path: 'sh', args: [], exposedPorts: [], mounts: [], spec: {
      rootfs: '/srv/tree', command: ['sh'], env: [], labels: {}, network: { mode: 'host' }, ports: [], publishAll: false, dns: [], dnsSearch: [],
      dnsOptions: [], extraHosts: [], readOnly: false, mounts: [], limits: {}, autoRemove: true, detach: false, interactive: true, tty: true,
      noNewPrivileges: false,
    },
  },
  paths: details.paths, mounts: [], sandbox: { ...at, id: sandbox.id, driver: 'host' }, endpoints: [],
}
