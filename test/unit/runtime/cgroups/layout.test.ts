import test from 'ava'
import { parseCgroupLayout } from '../../../../runtime/cgroups/layout.ts'

const v1 = (controllers: string, mountpoint: string, device = '0:29', options = 'rw,relatime') =>
  `32 31 ${device} / ${mountpoint} ${options} shared:9 - cgroup cgroup rw,${controllers}`
const v2 = (mountpoint: string) => `41 31 0:38 / ${mountpoint} rw,relatime - cgroup2 cgroup2 rw,nsdelegate`

test('controllers that are mounted together are one hierarchy', t => {
  const layout = parseCgroupLayout([
    v1('cpu,cpuacct', '/sys/fs/cgroup/cpu,cpuacct'), v1('xattr,name=systemd', '/sys/fs/cgroup/systemd', '0:30'),
  ].join('\n'))
  t.is(layout.mode, 'v1')
  t.deepEqual(layout.hierarchies.map(hierarchy => hierarchy.controllers), [['cpu', 'cpuacct'], ['name=systemd']])
})

test('a v2 hierarchy alone is v2, beside v1 ones it is hybrid, and none is none', t => {
  t.is(parseCgroupLayout(v2('/sys/fs/cgroup')).mode, 'v2')
  t.is(parseCgroupLayout([v1('memory', '/sys/fs/cgroup/memory'), v2('/sys/fs/cgroup/unified')].join('\n')).mode, 'hybrid')
  t.deepEqual(parseCgroupLayout('22 1 0:21 / /proc rw - proc proc rw\n'), { mode: 'none', hierarchies: [] })
})

test('of several mounts of one hierarchy the writable one below /sys/fs/cgroup is taken', t => {
  const layout = parseCgroupLayout([
    v1('memory', '/jail/sys/fs/cgroup/memory'), v1('memory', '/sys/fs/cgroup/ro', '0:29', 'ro,relatime'),
    v1('memory', '/sys/fs/cgroup/memory'),
  ].join('\n'))
  t.deepEqual(layout.hierarchies.map(hierarchy => hierarchy.mountpoint), ['/sys/fs/cgroup/memory'])
})

test('escaped blanks in a mount point are decoded', t => {
  t.is(parseCgroupLayout(v1('memory', '/my\\040groups')).hierarchies[0]?.mountpoint, '/my groups')
})
