/**
 * The start of a container: facts are read, the program is built and linked, the shim is spawned, and this waits until the
 * command has been executed.
 */
import type { Attached, TerminalSize } from '../types.ts'
import { type HostFacts, readFacts } from './facts.ts'
import { explain } from './explain.ts'
import { startError } from './failure.ts'
import { launch, type Launched } from './launch.ts'
import { link } from './link.ts'
import { Program } from './program.ts'
import { buildSandbox, cloneFlags } from './sandbox/sandbox.ts'
import { encodeWindowSize } from './sandbox/terminal.ts'
import { buildShim } from './shim/shim.ts'
import type { StartedProcess, StartRequest } from './start-api.ts'

/**
 * Starts a container; resolves when its command runs.
 * @throws container-start-failed, command-not-found, command-not-executable, mount-source-not-found, invalid-argument; then nothing is
 * left of it but what the caller made itself
 */
export async function startContainer(request: StartRequest): Promise<StartedProcess> {
  const { spec: { process }, interactive, detach, keepDescriptors } = request
  const linked = link(buildStart(request, readFacts({ process, mounts: request.spec.mounts })))
  const launched = await launch(linked, {
    terminal: process.terminal, interactive, attached: !detach, keptDescriptors: keepDescriptors,
  })
  const first = await launched.conversation.started
  if (first.kind === 'failed') {
    await launched.conversation.closed
    throw startError('start container', first, linked, process.args[0] ?? '')
  }
  return startedProcess(launched, first, detach)
}

/** The start as `--dry-run` prints it: every system call of starter, shim and container, in the manner of strace. */
export function explainProgram(request: StartRequest): string[] {
  const { spec: { process, mounts } } = request
  return explain(buildStart(request, readFacts({ process, mounts })))
}

/** Pure: the program of a start. */
export function buildStart(request: StartRequest, facts: HostFacts): Program {
  const { spec, interactive, detach, logPath, statusPath, cgroup, shimCgroup, keepDescriptors } = request
  const program = new Program(facts.architecture)
  const cleanup = request.cleanup.length === 0 ? {} : { cleanup: { argv: request.cleanup, env: cleanupEnvironment() } }
  buildShim(program, {
    terminal: spec.process.terminal, interactive, attached: !detach, keptDescriptors: keepDescriptors.length, cgroup, shimCgroup,
    cloneFlags: cloneFlags(spec.linux.namespaces, request.netns), logPath, statusPath, ...cleanup,
  }, child => { buildSandbox(program, request, facts, child) })
  return program
}

/** What the cleanup needs to find the same engine and state. */
function cleanupEnvironment(): readonly string[] {
  return Object.entries(process.env).flatMap(([name, value]) => {
    return name === 'PATH' || name === 'HOME' || name.startsWith('TSNET_') ? [`${name}=${value ?? ''}`] : []
  })
}

export function startedProcess(launched: Launched, pids: { readonly pid: number, readonly shimPid: number }, detach: boolean): StartedProcess {
  const { conversation } = launched
  const { pid, shimPid } = pids
  if (detach) {
    conversation.leave()
    return { pid, shimPid, exited: new Promise<number>(() => {}), done: () => {} }
  }
  const exited = conversation.exited.then(({ status }) => {
    launched.stdin?.destroy()
    launched.resize?.destroy()
    return status
  })
  exited.catch(() => {})
  return { pid, shimPid, attached: attachedEnds(launched), exited, done: () => { conversation.done() } }
}

function attachedEnds({ stdin, stdout, stderr, resize }: Launched): Attached {
  // The other end is gone when the container is: what was still on its way to it is lost, as with any pipe.
  for (const stream of [stdin, resize]) stream?.on('error', () => {})
  return {
    ...stdin && { stdin }, ...stdout && { stdout }, ...stderr && { stderr },
    resize: (size: TerminalSize): void => { if (resize?.writable === true) resize.write(encodeWindowSize(size)) },
  }
}
