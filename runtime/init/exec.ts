/**
 * A further process in a running container (`tsnet exec`): the same shim and the same last steps, but the namespaces and the root are
 * joined instead of made.
 *
 * The joining process cannot be traced or looked into from inside (PR_SET_DUMPABLE 0 before the pid namespace is entered,
 * CVE-2016-9962), and its own executable is a sealed memfd.
 */
import { isTsnetError, TsnetError } from '../../errors/error.ts'
import type { TerminalSize } from '../types.ts'
import { type HostFacts, readFacts } from './facts.ts'
import { launch } from './launch.ts'
import { link } from './link.ts'
import type { Cell } from './program.ts'
import { Program } from './program.ts'
import { joinCgroupsV1 } from './sandbox/cgroup.ts'
import { adjustOomScore, type ChildStreams, reportFailures, startCommand } from './sandbox/sandbox.ts'
import { giveStreams, setStandardStreams } from './sandbox/standard-streams.ts'
import { openTerminal, takeTerminal } from './sandbox/terminal.ts'
import { verifyWorkingDirectory } from './sandbox/working-directory.ts'
import { buildShim } from './shim/shim.ts'
import type { ExecRequest, StartedProcess } from './start-api.ts'
import { awaitExecuted, startedProcess } from './started.ts'

/**
 * Starts a process inside the container whose init is `request.pid`; resolves when the command runs.
 * @throws container-not-running, command-not-found, command-not-executable, container-start-failed
 */
export async function execInContainer(request: ExecRequest): Promise<StartedProcess> {
  const { process, interactive, detach } = request
  const linked = link(buildExec(request, readFacts({ process, mounts: [] })))
  const launched = launch(linked, { terminal: process.terminal, interactive, attached: !detach, keptDescriptors: [] })
  const command = process.args[0] ?? ''
  try {
    const pids = await awaitExecuted(launched, { operation: 'exec', command, linked })
    return startedProcess(launched, pids, detach)
  } catch (error) {
    if (!isTsnetError(error, 'container-start-failed') || error.data['call'] !== 'pidfd_open') throw error
    throw new TsnetError('container-not-running', `exec "${command}": the container does not run`, { cause: error })
  }
}

/** Pure: the program of an exec. */
export function buildExec(request: ExecRequest, facts: HostFacts): Program {
  const { process, interactive, detach, cgroup, shimCgroup = { v1: [] } } = request
  const program = new Program(facts.architecture)
  const pidfd = program.cell('container')
  buildShim(program, {
    terminal: process.terminal, interactive, attached: !detach, keptDescriptors: 0, cgroup, shimCgroup, cloneFlags: [],
    join: { pid: request.pid, pidfd },
  }, child => { buildJoin(program, { request, facts, pidfd, child }) })
  return program
}

interface Join { readonly request: ExecRequest, readonly facts: HostFacts, readonly pidfd: Cell, readonly child: ChildStreams }

function buildJoin(program: Program, { request, facts, pidfd, child }: Join): void {
  const { process, cgroup, seccomp } = request
  reportFailures(program, child.report)
  joinCgroupsV1(program, cgroup.v1)
  adjustOomScore(program, process.oomScoreAdj)
  const namespaces = program.flags('CLONE_NEWNS', 'CLONE_NEWIPC', 'CLONE_NEWUTS', 'CLONE_NEWNET', 'CLONE_NEWCGROUP')
  program.call('enter the container', 'setns', [pidfd, namespaces])
  program.call(`enter the working directory "${process.cwd}"`, 'chdir', [program.string(process.cwd)])
  verifyWorkingDirectory(program)
  if (process.terminal) connectTerminal(program, child, { uid: process.user.uid, size: consoleSize(request) })
  else {
    setStandardStreams(program, child.streams, undefined)
    giveStreams(program, child.streams, process.user.uid)
  }
  startCommand(program, { process, linux: seccomp === undefined ? {} : { seccomp } }, facts)
}

interface TerminalOwner { readonly uid: number, readonly size: TerminalSize | undefined }

function connectTerminal(program: Program, child: ChildStreams, { uid, size }: TerminalOwner): void {
  const terminal = openTerminal(program, [program.flags('AT_FDCWD'), '/dev/pts/ptmx'], size)
  takeTerminal(program, terminal, { uid })
  child.handOver()
}

function consoleSize({ size, process: { consoleSize: console } }: ExecRequest): TerminalSize | undefined {
  return size ?? (console === undefined ? undefined : { rows: console.height, columns: console.width })
}
