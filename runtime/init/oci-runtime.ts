/**
 * `--runtime=runc|crun|PATH`: the same specification handed to an installed OCI runtime.
 *
 * The shim is tsnet's own. Its child has a mount namespace in which it mounts the root, and executes `RUNTIME run`, which stays as the
 * container's parent and ends with its exit status. So log, status file, terminal, cleanup and the result are those of
 * `startContainer`; what differs is who builds the sandbox. The runtime says that the container runs by its pid file.
 */
import { readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import path from 'node:path'
import { TsnetError } from '../../errors/error.ts'
import { isErrno } from '../../kernel/error.ts'
import { findExecutable } from '../../kernel/exec.ts'
import { makeFolder } from '../../kernel/folder.ts'
import type { OciSpec } from '../oci-spec.ts'
import { type HostFacts, readFacts } from './facts.ts'
import { launch, type Launched } from './launch.ts'
import { link } from './link.ts'
import { Program } from './program.ts'
import { execute } from './sandbox/command.ts'
import { clampLimits } from './sandbox/limits.ts'
import { mountRoot, separatePropagation } from './sandbox/root.ts'
import { type ChildStreams, reportDescriptor, reportFailures } from './sandbox/sandbox.ts'
import { unblockSignals } from './sandbox/signals.ts'
import { setStandardStreams } from './sandbox/standard-streams.ts'
import { openTerminal, takeTerminal } from './sandbox/terminal.ts'
import { buildShim } from './shim/shim.ts'
import type { StartedProcess, StartRequest } from './start-api.ts'
import { cleanupPlan } from './start.ts'
import { awaitExecuted, releaseEnds, startedProcess } from './started.ts'

/** Files of the runtime, below the folder that the status file is in; removed with it. */
interface Bundle { readonly directory: string, readonly state: string, readonly pidFile: string, readonly log: string, readonly id: string }

/**
 * Starts a container by an OCI runtime; resolves when its command runs.
 * @throws container-start-failed with the runtime's own words, command-not-found, command-not-executable, invalid-argument
 */
export async function startWithRuntime(runtime: string, request: StartRequest): Promise<StartedProcess> {
  const { spec, interactive, detach, keepDescriptors } = request
  const executable = findExecutable(runtime)
  if (executable === undefined) throw new TsnetError('invalid-argument', `runtime "${runtime}": there is no such program`)
  const facts = readFacts({ process: spec.process, mounts: spec.mounts })
  const bundle = writeBundle(request, facts)
  const linked = link(buildRuntimeStart([executable, ...runtimeArguments(bundle)], request, facts))
  const launched = launch(linked, {
    terminal: spec.process.terminal, interactive, attached: !detach, keptDescriptors: keepDescriptors,
  })
  const { shimPid } = await awaitExecuted(launched, { operation: `start container by ${runtime}`, command: executable, linked })
  const pid = await awaitPid(bundle, launched)
  if (pid === undefined) throw await runtimeError(runtime, bundle, { launched, command: spec.process.args[0] ?? '' })
  return startedProcess(launched, { pid, shimPid }, detach)
}

/** The specification as the runtime shall have it: root and network namespace as paths, window size, limits that can be set. */
export function bundleSpec(
  { spec, root, netns, size }: Pick<StartRequest, 'spec' | 'root' | 'netns' | 'size'>, facts: Pick<HostFacts, 'limitCeilings'>,
): OciSpec {
  const { process, linux } = spec
  const consoleSize = size === undefined ? process.consoleSize : { height: size.rows, width: size.columns }
  const namespaces = linux.namespaces.map(namespace => {
    return namespace.type === 'network' && netns !== undefined ? { type: namespace.type, path: netns } : namespace
  })
  const entered = namespaces.some(({ type }) => type === 'network') || netns === undefined
  return {
    ...spec,
    root: { ...spec.root, path: root.kind === 'overlay' ? root.target : root.path },
    process: {
      ...process, ...consoleSize && { consoleSize },
      ...process.rlimits && { rlimits: clampLimits(process.rlimits, facts.limitCeilings) },
    },
    linux: { ...linux, namespaces: entered ? namespaces : [...namespaces, { type: 'network', path: netns }] },
  }
}

function writeBundle(request: StartRequest, facts: HostFacts): Bundle {
  const container = path.dirname(request.statusPath)
  const directory = path.join(container, 'bundle')
  const bundle: Bundle = {
    directory, state: path.join(directory, 'state'), pidFile: path.join(directory, 'pid'), log: path.join(directory, 'runtime.log'),
    id: path.basename(container),
  }
  rmSync(directory, { recursive: true, force: true })
  makeFolder(bundle.state, 0o700)
  writeFileSync(path.join(directory, 'config.json'), JSON.stringify(bundleSpec(request, facts)))
  return bundle
}

function runtimeArguments({ state, log, directory, pidFile, id }: Bundle): readonly string[] {
  return ['--root', state, '--log', log, '--log-format', 'json', 'run', '--bundle', directory, '--pid-file', pidFile, id]
}

/** Pure: the program that mounts the root and executes the runtime. */
export function buildRuntimeStart(argv: readonly string[], request: StartRequest, facts: HostFacts): Program {
  const { spec: { process }, interactive, detach, logPath, statusPath, shimCgroup, keepDescriptors } = request
  const program = new Program(facts.architecture)
  buildShim(program, {
    terminal: process.terminal, interactive, attached: !detach, keptDescriptors: keepDescriptors.length, cgroup: { v1: [] }, shimCgroup,
    cloneFlags: ['CLONE_NEWNS'], logPath, statusPath, ...cleanupPlan(request),
  }, child => { buildRuntimeChild(program, { argv, request, child }) })
  return program
}

interface RuntimeChild { readonly argv: readonly string[], readonly request: StartRequest, readonly child: ChildStreams }

function buildRuntimeChild(program: Program, { argv, request, child }: RuntimeChild): void {
  reportFailures(program, child.report)
  separatePropagation(program)
  if (path.basename(argv[0] ?? '') === 'crun') hideUnified(program)
  mountRoot(program, request.root)
  program.call('leave the working directory', 'chdir', [program.string('/')])
  if (request.spec.process.terminal) {
    const terminal = openTerminal(program, [program.flags('AT_FDCWD'), '/dev/ptmx'], request.size)
    takeTerminal(program, terminal, { uid: 0 })
    child.handOver()
  } else setStandardStreams(program, child.streams, undefined)
  program.call('close all other descriptors', 'close_range', [reportDescriptor + 1, 0xffff_ffff, 0])
  unblockSignals(program)
  execute(program, { args: argv, env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'] })
}

/** crun refuses hybrid hierarchies ("cgroups in hybrid mode not supported"); in its own mount namespace it need not see the v2 part. */
function hideUnified(program: Program): void {
  program.call('hide the v2 part of a hybrid hierarchy', 'umount2', [
    program.string('/sys/fs/cgroup/unified'), program.flags('MNT_DETACH'),
  ], { ignoreErrors: true })
}

/** The pid that the runtime wrote when the command ran; undefined if it ended without. */
async function awaitPid({ directory, pidFile }: Bundle, { conversation }: Launched): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const look = (): void => {
    const pid = readPid(pidFile)
    if (pid !== undefined) resolve(pid)
  }
  const watcher = watch(directory, look)
  try {
    look()
    conversation.exited.then(() => { resolve(readPid(pidFile)) }, () => { resolve(undefined) })
    return await promise
  } finally {
    watcher.close()
  }
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    return pid > 0 ? pid : undefined
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

interface RuntimeFailure { readonly launched: Launched, readonly command: string }

async function runtimeError(runtime: string, { log }: Bundle, { launched, command }: RuntimeFailure): Promise<TsnetError> {
  launched.conversation.done()
  await launched.conversation.closed
  releaseEnds(launched)
  const reason = lastError(log) ?? `${runtime} ended without a reason`
  const message = `start container by ${runtime}: ${reason}`
  // The words of runc and crun for the three errors of an execve that have exit statuses of their own.
  if (/executable file .*not found|exec: .*no such file or directory/i.test(reason)) {
    return new TsnetError('command-not-found', `${message} ("${command}")`)
  }
  const denied = /exec: .*permission denied|open executable: permission denied/i.test(reason)
  return new TsnetError(denied ? 'command-not-executable' : 'container-start-failed', message)
}

/** The runtime's log has one JSON object a line, {level, msg, time}. */
function lastError(log: string): string | undefined {
  try {
    const last = readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? ''
    const entry: unknown = JSON.parse(last)
    return typeof entry === 'object' && entry !== null && 'msg' in entry && typeof entry.msg === 'string' ? entry.msg : undefined
  } catch {
    return undefined
  }
}
