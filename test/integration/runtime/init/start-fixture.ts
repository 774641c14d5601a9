/**
 * A busybox root file system and requests for containers in it, for the tests of the start.
 *
 * Everything is below one temporary folder on an own tmpfs (/run of the fake host); the specification is small but has what Docker's
 * has: every default mount, masked and read-only paths, fourteen capabilities.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { OciSpec } from '../../../../runtime/oci-spec.ts'
import type { ExecRequest, StartedProcess, StartRequest } from '../../../../runtime/init/start-api.ts'
import { startContainer } from '../../../../runtime/init/start.ts'
import { busyboxTree } from '../../../helpers/busybox-image.ts'

export const defaultCapabilities = [
  'CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FSETID', 'CAP_FOWNER', 'CAP_MKNOD', 'CAP_NET_RAW', 'CAP_SETGID', 'CAP_SETUID', 'CAP_SETFCAP',
  'CAP_SETPCAP', 'CAP_NET_BIND_SERVICE', 'CAP_SYS_CHROOT', 'CAP_KILL', 'CAP_AUDIT_WRITE',
]

const namespaces: OciSpec['linux']['namespaces'] = [
  { type: 'pid' }, { type: 'network' }, { type: 'mount' }, { type: 'ipc' }, { type: 'uts' }, { type: 'cgroup' },
]

export interface Fixture extends Disposable {
  readonly folder: string
  /** The lower layer. */
  readonly tree: string
  spec(args: readonly string[], change?: SpecChange): OciSpec
  request(args: readonly string[], change?: RequestChange): StartRequest
  exec(pid: number, args: readonly string[], change?: ExecChange): ExecRequest
}

export interface SpecChange {
  readonly process?: Partial<OciSpec['process']>
  readonly linux?: Partial<OciSpec['linux']>
  readonly mounts?: OciSpec['mounts']
  readonly readonly?: boolean
}

export type RequestChange = Partial<Omit<StartRequest, 'spec'>> & { readonly spec?: SpecChange }

export type ExecChange = Partial<Omit<ExecRequest, 'process'>> & { readonly process?: Partial<OciSpec['process']> }

export const defaultMounts: OciSpec['mounts'] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
  {
    destination: '/dev/pts', type: 'devpts', source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=67108864'] },
]

export async function createFixture(): Promise<Fixture> {
  const folder = mkdtempSync('/run/tsnet-test-')
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  await busyboxTree(tree)
  let count = 0
  const spec = (args: readonly string[], change: SpecChange = {}): OciSpec => ({
    ociVersion: '1.0.2', hostname: 'box', root: { path: tree, readonly: change.readonly ?? false }, mounts: change.mounts ?? defaultMounts,
    process: {
      terminal: false, user: { uid: 0, gid: 0 }, args, env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root'], cwd: '/',
      noNewPrivileges: false,
      capabilities: {
        bounding: defaultCapabilities, effective: defaultCapabilities, permitted: defaultCapabilities, inheritable: [], ambient: [],
      },
      ...change.process,
    },
    linux: {
      namespaces, cgroupsPath: '/tsnet-test',
      maskedPaths: ['/proc/interrupts', '/proc/kcore', '/proc/keys', '/proc/timer_list', '/proc/scsi', '/sys/firmware'],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
      ...change.linux,
    },
  })
  return {
    folder, tree, spec,
    request: (args, { spec: specChange, ...change } = {}) => {
      const own = join(folder, `container-${count++}`)
      const [upper, work, target] = ['upper', 'work', 'merged'].map(name => join(own, name)) as [string, string, string]
      for (const directory of [upper, work, target]) mkdirSync(directory, { recursive: true })
      return {
        spec: spec(args, specChange), root: { kind: 'overlay', lowers: [tree], upper, work, target }, cgroup: { v1: [] },
        shimCgroup: { v1: [] }, logPath: join(own, 'log'), statusPath: join(own, 'status'), interactive: false, detach: false,
        cleanup: [], keepDescriptors: [], ...change,
      }
    },
    exec: (pid, args, { process, ...change } = {}) => ({
      pid, process: spec(args, process === undefined ? {} : { process }).process, cgroup: { v1: [] }, interactive: false, detach: false, ...change,
    }),
    [Symbol.dispose]: () => { rmSync(folder, { recursive: true, force: true }) },
  }
}

export interface Outcome { readonly exitCode: number, readonly status: number, readonly stdout: string, readonly stderr: string }

/** Waits for the end of an attached process and all of its output. */
export async function outcome(started: StartedProcess): Promise<Outcome> {
  const [stdout, stderr, status] = await Promise.all([
    collect(started.attached?.stdout), collect(started.attached?.stderr), started.exited,
  ])
  started.done()
  return { exitCode: status >> 8 & 0xff, status, stdout, stderr }
}

/** A running container that does not outlive its test, whatever happens in it. */
export async function startFor(t: ExecutionContext, request: StartRequest): Promise<StartedProcess> {
  const started = await startContainer(request)
  t.teardown(() => { kill(started.pid) })
  return started
}

/** Of a pid that may be gone. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

export async function runContainer(request: StartRequest): Promise<Outcome> { return outcome(await startContainer(request)) }

export async function collect(stream: NodeJS.ReadableStream | undefined): Promise<string> {
  let text = ''
  if (stream !== undefined) for await (const chunk of stream) text += String(chunk)
  return text
}
