/**
 * `run`: a container made and started, all or nothing.
 *
 * The record is written first, claimed by this process; everything made after it can be found by its id, so that one idempotent
 * `discard` undoes any part of it: on failure and abort at once, after a crash by whoever comes next.
 */
import { closeSync } from 'node:fs'
import type { Attachment } from '../../cnm/controller-api.ts'
import { TsnetError } from '../../errors/error.ts'
import { makeFolder } from '../../kernel/folder.ts'
import { randomHex } from '../../kernel/random.ts'
import type { StartedContainer } from '../container-service-api.ts'
import { containerFiles, fileMounts, writeContainerFiles } from '../files/container-files.ts'
import type { RootFilesystem, StartedProcess, StartRequest } from '../init/start-api.ts'
import type { OciSpec } from '../oci-spec.ts'
import { containerPaths } from '../paths.ts'
import { buildSpec } from '../spec/build-spec.ts'
import type { ContainerRecord, ContainerSpec, TerminalSize } from '../types.ts'
import { conclude } from './conclude.ts'
import type { ContainerDependencies, ContainerImage, PortKeeper } from './dependencies.ts'
import { findIngredients } from './ingredients.ts'
import { prepareMounts } from './mounts.ts'
import { randomName } from './names.ts'
import { killedExitCode, shimOf } from './observe.ts'
import type { Claim, ContainerRecords } from './records.ts'
import { noDefaults, modeWarnings, newRecord, sandboxSpec } from './resolve.ts'
import { type EndStatus, exitCodeOf } from './status-file.ts'
import { discard } from './teardown.ts'

export interface RunOptions { readonly signal?: AbortSignal, readonly size?: TerminalSize }

const SIGKILL = 9
/** How long the shim has for its own end once it was told that all is done. */
const shimEndTimeoutMs = 10_000

/** @throws whatever any part throws; nothing is left then */
export async function runContainer(
  spec: ContainerSpec, options: RunOptions, records: ContainerRecords, on: ContainerDependencies,
): Promise<StartedContainer> {
  const start = starterOf(spec, on)
  const { image, target } = await findIngredients(spec, records, on)
  options.signal?.throwIfAborted()

  await using undo = new AsyncDisposableStack()
  const claim = insertRecord(spec, image, target, { records, on })
  undo.defer(() => discardOrAbandon(claim, on))
  const made = await makeParts(claim, target, options, on)
  const started = await startProcess(made, start, on.ports)
  undo.defer(() => endStarted(started, on))
  options.signal?.throwIfAborted()

  claim.update({
    status: 'running', startedAt: on.now(),
    pid: started.pid, pidStartTime: on.processes.startTimeOf(started.pid),
    shimPid: started.shimPid, shimStartTime: on.processes.startTimeOf(started.shimPid),
    ...made.resolvConf === undefined ? {} : { resolvConf: made.resolvConf },
  })
  undo.move()
  claim.release()
  const { record } = claim
  const finished = spec.detach ? Promise.resolve(0) : finish(record, started, records, on)
  // A caller that goes away without waiting must not be ended by an error that nobody sees.
  finished.catch(() => undefined)
  const warnings = [...modeWarnings(spec), ...made.attachment.warnings]
  return { record, warnings, ...started.attached === undefined ? {} : { attached: started.attached }, finished }
}

interface Context { readonly records: ContainerRecords, readonly on: ContainerDependencies }

function insertRecord(
  spec: ContainerSpec, image: ContainerImage | undefined, target: ContainerRecord | undefined, { records, on }: Context,
): Claim {
  const id = randomHex(32)
  const source = image ?? { defaults: noDefaults }
  const around = { hostHostname: on.hostname(), created: on.now(), ...target === undefined ? {} : { target } }
  return records.insert(attempt => {
    const name = spec.name ?? randomName(attempt)
    return newRecord({ id, name, owner: on.owner.name, bootId: on.bootId }, spec, source, around)
  })
}

interface Parts { readonly request: StartRequest, readonly attachment: Attachment, readonly resolvConf?: string }

/** Folder, root, volumes, network, files, cgroups: everything but the process. */
async function makeParts(
  claim: Claim, target: ContainerRecord | undefined, { signal, size }: RunOptions, on: ContainerDependencies,
): Promise<Parts> {
  const { record } = claim
  const paths = containerPaths(on.roots, record.id)
  makeFolder(paths.directory, 0o710)
  const root = await on.rootfs.prepare(record.id, rootSource(record))
  const volumes = await prepareMounts(record, root, on.volumes)
  signal?.throwIfAborted()
  const attachment = await on.networks.createSandbox(sandboxSpec(record, target))
  try {
    const resolvConf = writeFiles(record, attachment, on)
    const filePaths = target === undefined ? paths : containerPaths(on.roots, target.id)
    const spec = specOf(record, { root, attachment, size, mounts: [...fileMounts(filePaths), ...volumes] }, on)
    const cgroup = await on.cgroups.create(record.id, spec.linux.resources ?? {})
    signal?.throwIfAborted()
    const { netns } = attachment.sandbox
    const request: StartRequest = {
      spec, root, cgroup, shimCgroup: on.cgroups.shimDirectories(),
      ...netns === undefined ? {} : { netns }, ...size === undefined ? {} : { size },
      logPath: paths.log, statusPath: paths.status,
      interactive: record.spec.interactive, detach: record.spec.detach,
      cleanup: on.cleanupCommand(record.id), keepDescriptors: [],
    }
    return { request, attachment, ...resolvConf === undefined ? {} : { resolvConf } }
  } catch (error) {
    closePorts(attachment)
    throw error
  }
}

/** The container's process; the ports are held by its shim from here on, and no longer by this process. */
async function startProcess(
  { request, attachment }: Parts, start: ContainerDependencies['start'], ports: PortKeeper,
): Promise<StartedProcess> {
  if (attachment.sandbox.driver !== 'bridge') return await start(request)
  try {
    // Also without a port: it may get one while it runs.
    using kept = ports.box(attachment.heldPorts)
    return await start({ ...request, keepDescriptors: kept.descriptors })
  } finally {
    closePorts(attachment)
  }
}

function closePorts(attachment: Attachment): void {
  for (const descriptor of attachment.heldPorts) closeSync(descriptor)
}

/** @returns resolv.conf, where the container has one of its own */
function writeFiles(record: ContainerRecord, attachment: Attachment, on: ContainerDependencies): string | undefined {
  if (record.spec.network.mode === 'container') return undefined
  const { spec, hostname } = record
  const files = containerFiles({ spec, hostname, attachment, host: on.hostFiles(), resolvers: on.resolvers(attachment) })
  writeContainerFiles(containerPaths(on.roots, record.id), files)
  return files.resolvConf
}

interface SpecParts {
  readonly root: RootFilesystem
  readonly attachment: Attachment
  readonly size: TerminalSize | undefined
  readonly mounts: OciSpec['mounts']
}

function specOf(record: ContainerRecord, { root, attachment, size, mounts }: SpecParts, on: ContainerDependencies): OciSpec {
  const { spec } = record
  const { netns } = attachment.sandbox
  return buildSpec({
    process: {
      args: [record.path, ...record.args], env: record.env, cwd: record.workdir,
      tty: spec.tty, noNewPrivileges: spec.noNewPrivileges,
      user: on.resolveUser(root, record.user), ...size === undefined ? {} : { size },
    },
    host: on.hostFacts,
    root: { path: root.kind === 'overlay' ? root.target : root.path, readonly: spec.readOnly },
    hostname: record.hostname,
    mounts, limits: spec.limits, cgroupsPath: on.cgroups.pathOf(record.id),
    ...netns === undefined ? {} : { netns },
    annotations: spec.labels,
  })
}

/**
 * Waits for the end, cleans up, lets the shim go, and waits until it is gone: then the published ports are free again. A shim that is
 * killed tells nothing; what became of the container is then to be seen.
 */
async function finish(
  record: ContainerRecord, started: StartedProcess, records: ContainerRecords, on: ContainerDependencies,
): Promise<number> {
  const known = await started.exited.then(status => ({ exitCode: exitCodeOf(status), finishedAt: on.now() }), () => undefined)
  if (known === undefined) await on.processes.waitEnd(shimOf(record), shimEndTimeoutMs)
  const ended = await concludeOrLeave(record, started, known, { records, on })
  started.done()
  await on.processes.waitEnd(shimOf(record), shimEndTimeoutMs)
  return ended?.exitCode ?? known?.exitCode ?? killedExitCode
}

/** Where it cannot be written down (a full disk), the shim must not wait for us, nor we for it: it tries, and then the next command. */
async function concludeOrLeave(
  { id }: ContainerRecord, started: StartedProcess, known: EndStatus | undefined, { records, on }: Context,
): Promise<ContainerRecord | undefined> {
  try {
    return await conclude(id, records, on, known)
  } catch (error) {
    started.leave()
    throw error
  }
}

/** The start is taken back: the process is killed; what its shim would clean up is gone before it looks. */
function endStarted(started: StartedProcess, on: ContainerDependencies): void {
  on.processes.signal({ pid: started.pid, startTime: on.processes.startTimeOf(started.pid) }, SIGKILL)
  started.done()
}

async function discardOrAbandon(claim: Claim, on: ContainerDependencies): Promise<void> {
  try {
    await discard(claim, on)
  } catch (error) {
    claim.abandon()
    throw error
  }
}

function rootSource({ imageId, spec }: ContainerRecord): { readonly imageId: string } | { readonly rootfs: string } {
  return imageId === undefined ? { rootfs: spec.rootfs ?? '' } : { imageId }
}

/** tsnet's own start, or that of `--runtime`. */
function starterOf({ runtime }: ContainerSpec, { start, startWith }: ContainerDependencies): ContainerDependencies['start'] {
  if (runtime === undefined) return start
  if (startWith !== undefined) return request => startWith(runtime, request)
  throw new TsnetError('invalid-argument', `run container: this tsnet has no support for other runtimes (--runtime ${runtime})`)
}
