/** `exec`: one more process in a running container, with the container's user, environment and folder unless told otherwise. */
import { TsnetError } from '../../errors/error.ts'
import type { ExecSpec, StartedExec } from '../container-service-api.ts'
import { buildProcess, grantedCapabilities } from '../spec/build-spec.ts'
import { mergeEnvironment } from '../spec/environment.ts'
import { defaultSeccomp } from '../spec/seccomp.ts'
import type { Attached, ContainerRecord } from '../types.ts'
import type { ContainerDependencies } from './dependencies.ts'
import { isRunning } from './observe.ts'
import { exitCodeOf } from './status-file.ts'

/** @throws container-not-running, user-not-found, invalid-argument, command-not-found, command-not-executable */
export async function execInContainer(record: ContainerRecord, spec: ExecSpec, on: ContainerDependencies): Promise<StartedExec> {
  if (!isRunning(record, on)) {
    throw new TsnetError('container-not-running', `exec in container "${record.name}": it does not run`,
      { data: { id: record.id } })
  }
  if (spec.command.length === 0) throw new TsnetError('invalid-argument', 'exec in container: no command specified')
  if (spec.workdir !== undefined && !spec.workdir.startsWith('/')) {
    throw new TsnetError('invalid-argument', `exec in container: the working directory "${spec.workdir}" is not an absolute path`)
  }
  const started = await on.exec({
    pid: record.pid,
    process: buildProcess({
      args: spec.command,
      env: mergeEnvironment([...spec.tty ? ['TERM=xterm'] : [], ...record.env], spec.env),
      cwd: spec.workdir ?? record.workdir,
      user: on.resolveUser({ kind: 'directory', path: `/proc/${record.pid}/root` }, spec.user ?? record.user),
      tty: spec.tty,
      noNewPrivileges: record.spec.noNewPrivileges,
      ...spec.size === undefined ? {} : { size: spec.size },
    }, on.hostFacts),
    seccomp: defaultSeccomp(grantedCapabilities(on.hostFacts), on.hostFacts.architecture),
    cgroup: on.cgroups.directoriesOf(record.id),
    shimCgroup: on.cgroups.shimDirectories(),
    interactive: spec.interactive,
    detach: spec.detach,
    ...spec.size === undefined ? {} : { size: spec.size },
  })
  const finished = spec.detach ? Promise.resolve(0) : ended(started)
  finished.catch(() => undefined)
  return { pid: started.pid, attached: started.attached ?? nothingAttached, finished }
}

async function ended(started: Awaited<ReturnType<ContainerDependencies['exec']>>): Promise<number> {
  const exitCode = exitCodeOf(await started.exited)
  started.done()
  return exitCode
}

const nothingAttached: Attached = { resize: () => undefined }
