import test from 'ava'
import { buildSpec, type SpecInput } from '../../../../runtime/spec/build-spec.ts'
import { defaultCapabilities } from '../../../../runtime/spec/capabilities.ts'

const limits = 'Limit  Soft Limit  Hard Limit  Units\nMax open files      1024           20000          files     \n'

function input(change: Partial<SpecInput> = {}): SpecInput {
  return {
    process: {
      args: ['/bin/sh'], env: ['A=1'], cwd: '/', tty: false, noNewPrivileges: false,
      user: { uid: 0, gid: 0, additionalGids: [], home: '/root' },
    },
    host: { architecture: 'x64', processors: 2, limits, cgroupNamespace: false, confinesDevices: true },
    root: { path: '/r', readonly: false },
    hostname: 'h', mounts: [], limits: {}, cgroupsPath: '/tsnet/x', netns: '/run/n', annotations: {},
    ...change,
  }
}

test('root gets the fourteen capabilities of Docker as effective, permitted and bounding ones', t => {
  const { capabilities } = buildSpec(input()).process
  t.is(defaultCapabilities.length, 14)
  t.deepEqual(capabilities.effective, capabilities.bounding)
  t.deepEqual(capabilities.permitted, capabilities.bounding)
  t.deepEqual(capabilities.inheritable, [])
  t.deepEqual(capabilities.ambient, [])
})

test('another user than root gets the bounding set only', t => {
  const base = input()
  const { capabilities, user } = buildSpec(input({
    process: { ...base.process, user: { uid: 1000, gid: 100, additionalGids: [5], home: '/' } },
  })).process
  t.deepEqual(capabilities.effective, [])
  t.deepEqual(capabilities.permitted, [])
  t.is(capabilities.bounding.length, 14)
  t.deepEqual(user, { uid: 1000, gid: 100, additionalGids: [5] })
})

test('where no device rules hold, CAP_MKNOD is not granted', t => {
  const { process } = buildSpec(input({ host: { ...input().host, confinesDevices: false } }))
  t.false(process.capabilities.bounding.includes('CAP_MKNOD'))
  t.is(process.capabilities.bounding.length, 13)
})

test('open files are limited to 1024, raisable to what this process may give', t => {
  t.deepEqual(buildSpec(input()).process.rlimits, [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 20000 }])
  const unlimited = buildSpec(input({ host: { ...input().host, limits: limits.replace('20000', 'unlimited') } }))
  t.deepEqual(unlimited.process.rlimits, [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 524288 }])
  const low = buildSpec(input({ host: { ...input().host, limits: limits.replace('20000', '512  ') } }))
  t.deepEqual(low.process.rlimits, [{ type: 'RLIMIT_NOFILE', soft: 512, hard: 512 }])
})

test('without a network namespace the container is in the host\'s', t => {
  const { netns: _, ...host } = input()
  t.false(buildSpec(host).linux.namespaces.some(namespace => namespace.type === 'network'))
  t.deepEqual(buildSpec(input()).linux.namespaces.find(namespace => namespace.type === 'network'),
    { type: 'network', path: '/run/n' })
})

test('memory with swap is twice the memory, and limits that were not asked for are absent', t => {
  const resources = buildSpec(input({ limits: { memoryBytes: 64 << 20, cpuQuotaUs: 50_000, pids: 10 } })).linux.resources
  t.deepEqual(resources?.memory, { limit: 64 << 20, swap: 128 << 20 })
  t.deepEqual(resources?.cpu, { quota: 50_000, period: 100_000 })
  t.deepEqual(resources?.pids, { limit: 10 })
  t.deepEqual(Object.keys(buildSpec(input()).linux.resources ?? {}), ['devices'])
})

test('a mount of the user takes the place of the default one, and parents are mounted before children', t => {
  const bind = (destination: string) => ({ destination, type: 'bind', source: '/s', options: ['rbind'] })
  const { mounts } = buildSpec(input({ mounts: [bind('/a/b/c'), bind('/a'), bind('/dev/shm')] }))
  const order = mounts.map(mount => mount.destination)
  t.is(mounts.filter(mount => mount.destination === '/dev/shm').length, 1)
  t.is(mounts.find(mount => mount.destination === '/dev/shm')?.type, 'bind')
  t.true(order.indexOf('/a') < order.indexOf('/a/b/c'))
  t.deepEqual(order.slice(0, 3), ['/proc', '/dev', '/dev/pts'])
})

test('the size of the terminal is told only with a terminal', t => {
  const size = { rows: 24, columns: 80 }
  t.is(buildSpec(input({ process: { ...input().process, size } })).process.consoleSize, undefined)
  t.deepEqual(buildSpec(input({ process: { ...input().process, size, tty: true } })).process.consoleSize,
    { height: 24, width: 80 })
})

test('each processor has its throttle counters masked', t => {
  const { maskedPaths } = buildSpec(input()).linux
  t.true(maskedPaths.includes('/proc/kcore'))
  t.true(maskedPaths.includes('/sys/devices/system/cpu/cpu1/thermal_throttle'))
  t.false(maskedPaths.includes('/sys/devices/system/cpu/cpu2/thermal_throttle'))
})
