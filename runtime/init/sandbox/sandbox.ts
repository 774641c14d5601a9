/**
 * The container's own part of a start, in the child that the shim cloned: a table of contents, in runc's order.
 *
 * The order is the point: cgroups first, so that nothing escapes; every path through the root's descriptor before the root is
 * pivoted; all descriptors closed before the identity changes; nothing but prctl, set*id, capset and execve after the filter.
 */
import type { OciNamespace, OciSpec } from '../../oci-spec.ts'
import type { HostFacts } from '../facts.ts'
import type { ConstantName } from '../kernel-constants.ts'
import type { Argument, Cell, Program } from '../program.ts'
import { compileSeccomp } from '../seccomp.ts'
import type { StartRequest } from '../start-api.ts'
import { joinCgroupsV1 } from './cgroup.ts'
import { execute } from './command.ts'
import { makeDevices, openNullDevice } from './devices.ts'
import { becomeUser } from './identity.ts'
import { setLimits } from './limits.ts'
import { makePathReadOnly, maskPath } from './masks.ts'
import { mountAll, type Mounted } from './mounts.ts'
import { ensureInRoot, type InRoot } from './resolve.ts'
import { makeRootReadOnly, mountRoot, pivot, separatePropagation } from './root.ts'
import { unblockSignals } from './signals.ts'
import { giveStreams, setStandardStreams, type StandardStreams } from './standard-streams.ts'
import { writeSysctls } from './sysctl.ts'
import { bindConsole, openTerminal, takeTerminal, type Terminal } from './terminal.ts'
import { verifyWorkingDirectory } from './working-directory.ts'

/** Where the child reports a failure; closed by a successful execve. */
export const reportDescriptor = 3

export interface ChildStreams {
  /** Descriptor of the report socket, before it is moved to `reportDescriptor`. */
  readonly report: Cell
  readonly streams: StandardStreams
  /** Lets the shim take the terminal's master; only with a terminal. */
  readonly handOver: () => void
}

export function buildSandbox(program: Program, request: StartRequest, facts: HostFacts, child: ChildStreams): void {
  const { spec } = request
  reportFailures(program, child.report)
  joinCgroupsV1(program, request.cgroup.v1)
  enterNamespaces(program, request)
  adjustOomScore(program, spec.process.oomScoreAdj)
  separatePropagation(program)
  const place: InRoot = { program, root: mountRoot(program, request.root) }
  const mounted = mountAll(place, { mounts: spec.mounts, cgroup: request.cgroup, facts })
  if (mounted.dev !== undefined) makeDevices(program, mounted.dev)
  const terminal = makeTerminal(place, request, mounted)
  writeSysctls(program, spec, mounted.proc)
  protectPaths(place, spec, mounted)
  const directory = ensureInRoot(place, spec.process.cwd, 'directory')
  pivot(program, place.root)
  setHostname(program, spec)
  if (spec.root.readonly) makeRootReadOnly(program, place.root)
  enterDirectory(program, directory, spec.process.cwd)
  connect(program, { request, child, terminal, dev: mounted.dev })
  startCommand(program, request.spec, facts)
}

/** A failure from here on is written to the report socket and ends this process. */
export function reportFailures(program: Program, report: Cell): void {
  const [start, failed] = [program.label('child'), program.label('child failed')]
  program.call('number the report socket', 'dup3', [report, reportDescriptor, program.flags('O_CLOEXEC')])
  program.jump(start)
  program.place(failed)
  const failure: Argument = { kind: 'address', cell: program.failure }
  program.call('report the failure', 'write', [reportDescriptor, failure, 16], { ignoreErrors: true })
  program.call('give up', 'exit_group', [125])
  program.place(start)
  program.onFailure(failed)
  program.call('start a session', 'setsid', [])
}

/** Flags for clone3. A cgroup namespace is unshared later, from inside the container's cgroups, which become its root. */
export function cloneFlags(namespaces: readonly OciNamespace[], netns: string | undefined): readonly ConstantName[] {
  const flags: Readonly<Partial<Record<OciNamespace['type'], ConstantName>>> = {
    pid: 'CLONE_NEWPID', mount: 'CLONE_NEWNS', ipc: 'CLONE_NEWIPC', uts: 'CLONE_NEWUTS',
    ...netns === undefined ? { network: 'CLONE_NEWNET' } : {},
  }
  return namespaces.flatMap(({ type, path }) => path === undefined ? flags[type] ?? [] : [])
}

function enterNamespaces(program: Program, { spec, netns }: StartRequest): void {
  if (netns !== undefined) {
    const fd = program.cell('network namespace')
    const path = program.string(netns)
    const flags = program.flags('O_RDONLY', 'O_CLOEXEC')
    program.call(`open ${netns}`, 'openat', [program.flags('AT_FDCWD'), path, flags, 0], { store: fd })
    program.call(`enter ${netns}`, 'setns', [fd, program.flags('CLONE_NEWNET')])
  } else if (spec.linux.namespaces.some(({ type }) => type === 'network')) raiseLoopback(program)
  if (spec.linux.namespaces.some(({ type }) => type === 'cgroup')) {
    program.call('make a cgroup namespace', 'unshare', [program.flags('CLONE_NEWCGROUP')])
  }
  program.call('make a session keyring', 'keyctl', [program.flags('KEYCTL_JOIN_SESSION_KEYRING'), program.string('_ses')], {
    ignoreErrors: true,
  })
}

/** In a network namespace that is new; one given by path is made ready by whoever made it. Struct ifreq: name, flags. */
function raiseLoopback(program: Program): void {
  const fd = program.cell('socket')
  const request = Buffer.alloc(40)
  request.write('lo')
  request.writeUInt16LE(1, 16)
  program.call('open a socket', 'socket', [program.flags('AF_INET'), program.flags('SOCK_DGRAM', 'SOCK_CLOEXEC'), 0], { store: fd })
  program.call('set lo up', 'ioctl', [fd, program.flags('SIOCSIFFLAGS'), program.bytes('{"lo", IFF_UP}', request)])
}

/** Raising it needs nothing, lowering it CAP_SYS_RESOURCE: that it cannot be lowered is no reason not to start. */
export function adjustOomScore(program: Program, score: number | undefined): void {
  if (score === undefined) return
  const fd = program.cell('oom_score_adj')
  const path = program.string('/proc/self/oom_score_adj')
  const step = `set oom_score_adj to ${score}`
  program.call(step, 'openat', [program.flags('AT_FDCWD'), path, program.flags('O_WRONLY', 'O_CLOEXEC'), 0], { store: fd })
  program.call(step, 'write', [fd, program.string(String(score)), String(score).length], { ignoreErrors: true })
}

function makeTerminal(place: InRoot, { spec, size }: StartRequest, { pts, dev }: Mounted): Terminal | undefined {
  if (!spec.process.terminal) return undefined
  const console = spec.process.consoleSize
  const asked = size ?? (console === undefined ? undefined : { rows: console.height, columns: console.width })
  const ptmx: readonly [Argument, string] = pts === undefined ? [place.program.flags('AT_FDCWD'), '/dev/ptmx'] : [pts, 'ptmx']
  const terminal = openTerminal(place.program, ptmx, asked)
  if (dev !== undefined) bindConsole(place, terminal)
  return terminal
}

function protectPaths(place: InRoot, { linux }: OciSpec, { dev }: Mounted): void {
  for (const path of linux.readonlyPaths) makePathReadOnly(place, path)
  if (linux.maskedPaths.length === 0) return
  const nullDevice = openNullDevice(place.program, dev)
  for (const path of linux.maskedPaths) maskPath(place, path, nullDevice)
}

function setHostname(program: Program, { hostname, linux }: OciSpec): void {
  if (hostname === undefined || !linux.namespaces.some(({ type }) => type === 'uts')) return
  program.call(`set the hostname to ${hostname}`, 'sethostname', [program.string(hostname), Buffer.byteLength(hostname)])
}

function enterDirectory(program: Program, directory: Cell, path: string): void {
  program.call(`enter the working directory "${path}"`, 'fchdir', [directory])
  verifyWorkingDirectory(program)
}

interface Connection {
  readonly request: StartRequest
  readonly child: ChildStreams
  readonly terminal: Terminal | undefined
  readonly dev: Cell | undefined
}

function connect(program: Program, { request: { spec }, child, terminal, dev }: Connection): void {
  if (terminal === undefined) {
    setStandardStreams(program, child.streams, dev)
    giveStreams(program, child.streams, spec.process.user.uid)
  } else {
    takeTerminal(program, terminal, spec.process.user)
    child.handOver()
  }
}

/** What a container and an exec have in common: everything from the closed descriptors to execve. */
export function startCommand(program: Program, spec: Pick<OciSpec, 'process'> & SeccompOf, facts: HostFacts): void {
  const { process, linux: { seccomp } } = spec
  program.call('close all other descriptors', 'close_range', [reportDescriptor + 1, 0xffff_ffff, 0])
  setLimits(program, process.rlimits, facts.limitCeilings)
  program.call('set the umask', 'umask', [process.user.umask ?? 0o022])
  unblockSignals(program)
  const filter = seccomp === undefined ? undefined : compileSeccomp(program, seccomp)
  becomeUser(program, { process, permitted: facts.permittedCapabilities, ...filter === undefined ? {} : { filter } })
  execute(program, process)
}

interface SeccompOf { readonly linux: Pick<OciSpec['linux'], 'seccomp'> }
