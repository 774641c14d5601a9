/**
 * The start of a container: facts are read, the program is built and linked, the shim is spawned, and this waits until the
 * command has been executed.
 */
import { withPlainDestinations } from './destinations.ts'
import { type HostFacts, readFacts } from './facts.ts'
import { explain } from './explain.ts'
import { launch } from './launch.ts'
import { link } from './link.ts'
import { Program } from './program.ts'
import { buildSandbox, cloneFlags } from './sandbox/sandbox.ts'
import { buildShim, type ShimPlan } from './shim/shim.ts'
import type { StartedProcess, StartRequest } from './start-api.ts'
import { awaitExecuted, startedProcess } from './started.ts'

/**
 * Starts a container; resolves when its command runs.
 * @throws container-start-failed, command-not-found, command-not-executable, mount-source-not-found, invalid-argument; then nothing is
 * left of it but what the caller made itself
 */
export async function startContainer(wanted: StartRequest): Promise<StartedProcess> {
  const request = withPlainDestinations(wanted)
  const { spec: { process }, interactive, detach, keepDescriptors } = request
  const linked = link(buildStart(request, readFacts({ process, mounts: request.spec.mounts })))
  const launched = launch(linked, {
    terminal: process.terminal, interactive, attached: !detach, keptDescriptors: keepDescriptors,
  })
  const pids = await awaitExecuted(launched, { operation: 'start container', command: process.args[0] ?? '', linked })
  return startedProcess(launched, pids, detach)
}

/** The start as `--dry-run` prints it: every system call of starter, shim and container, in the manner of strace. */
export function explainProgram(wanted: StartRequest): string[] {
  const request = withPlainDestinations(wanted)
  const { spec: { process, mounts } } = request
  return explain(buildStart(request, readFacts({ process, mounts })))
}

/** Pure: the program of a start. */
export function buildStart(request: StartRequest, facts: HostFacts): Program {
  const { spec, interactive, detach, logPath, statusPath, cgroup, shimCgroup, keepDescriptors } = request
  const program = new Program(facts.architecture)
  buildShim(program, {
    terminal: spec.process.terminal, interactive, attached: !detach, keptDescriptors: keepDescriptors.length, cgroup, shimCgroup,
    cloneFlags: cloneFlags(spec.linux.namespaces, request.netns), logPath, statusPath, ...cleanupPlan(request),
  }, child => { buildSandbox(program, request, facts, child) })
  return program
}

/** The cleanup as the shim takes it; none where the request has none. */
export function cleanupPlan({ cleanup }: Pick<StartRequest, 'cleanup'>): Pick<ShimPlan, 'cleanup'> {
  return cleanup.length === 0 ? {} : { cleanup: { argv: cleanup, env: cleanupEnvironment() } }
}

/** What the cleanup needs to find the same engine and state. */
function cleanupEnvironment(): readonly string[] {
  return Object.entries(process.env).flatMap(([name, value]) => {
    return name === 'PATH' || name === 'HOME' || name.startsWith('TSNET_') ? [`${name}=${value ?? ''}`] : []
  })
}
