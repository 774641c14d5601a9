/** A foreign runtime as the judge: runc takes the specification as it is, and makes of it what tsnet's own start makes. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { buildSpec } from '../../../../runtime/spec/build-spec.ts'
import { runCommand } from '../../../helpers/namespace.ts'
import { requires } from '../../../helpers/requires.ts'
import { createRoots } from '../../../helpers/tsnet.ts'
import { busyboxRoot, openContainers, specOf } from './host.ts'

/**
 * What a process can see of its confinement. runc makes /dev/core where the kernel has /proc/kcore, tsnet always; mount options
 * that runc spells differently are left to the start's own tests.
 */
const script = [
  'grep -E "^(Cap|NoNewPrivs|Seccomp:|Groups)" /proc/self/status', 'ulimit -n',
  'ls -l /dev | grep -v kcore | awk "{print \\$1, \\$5, \\$6, \\$NF}"',
  'cut -d" " -f5 /proc/self/mountinfo | sort -u | grep -v -e thermal -e /sys/fs/cgroup/ -e /dev/console', 'pwd', 'hostname',
  'umask',
].join('; ')

test.serial('runc makes the same container of the same specification', async t => {
  if (!requires.root(t) || !requires.tool(t, 'runc')) return
  using roots = createRoots()
  Object.assign(process.env, roots.env)
  const rootfs = await busyboxRoot(roots)
  using containers = openContainers(roots)
  const started = await containers.service.run(specOf(rootfs, script, { autoRemove: true, hostname: 'judged' }))
  const [own] = await Promise.all([started.attached?.stdout === undefined ? '' : text(started.attached.stdout), started.finished])

  const { record } = started
  const bundle = join(roots.root, 'bundle')
  mkdirSync(bundle)
  const files = ['hosts', 'hostname', 'resolv.conf'].map(name => {
    const source = join(bundle, name)
    writeFileSync(source, '')
    return { destination: `/etc/${name}`, type: 'bind', source, options: ['rbind', 'rprivate', 'rw'] }
  })
  const spec = buildSpec({
    process: {
      args: [record.path, ...record.args], env: record.env, cwd: '/', tty: false, noNewPrivileges: false,
      user: { uid: 0, gid: 0, additionalGids: [0], home: '/root' },
    },
    host: {
      architecture: process.arch === 'arm64' ? 'arm64' : 'x64', processors: 2, limits: readFileSync('/proc/self/limits', 'utf8'),
      cgroupNamespace: false, confinesDevices: true,
    },
    root: { path: rootfs, readonly: false }, hostname: 'judged', mounts: files, limits: {},
    cgroupsPath: `/tsnet-judged-${process.pid}`, annotations: {},
  })
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec))
  const foreign = await runCommand(['runc', '--root', join(roots.runRoot, 'runc'), 'run', '--bundle', bundle,
    `judged-${process.pid}`])
  t.is(foreign.status, 0, foreign.stderr)
  t.deepEqual(own.split('\n'), foreign.stdout.split('\n'))
})
