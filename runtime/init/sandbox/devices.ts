/** /dev of the container: the six devices, the usual links, on a fresh tmpfs whose descriptor nobody else has. */
import type { Cell, Program } from '../program.ts'
import { verifyNullDevice } from './resolve.ts'

const devices = [
  ['null', 1, 3], ['zero', 1, 5], ['full', 1, 7], ['random', 1, 8], ['urandom', 1, 9], ['tty', 5, 0],
] as const

const links = [
  ['/proc/self/fd', 'fd'], ['/proc/self/fd/0', 'stdin'], ['/proc/self/fd/1', 'stdout'], ['/proc/self/fd/2', 'stderr'],
  ['pts/ptmx', 'ptmx'],
] as const

export function makeDevices(program: Program, dev: Cell): void {
  program.call('clear the umask', 'umask', [0])
  const mode = program.flags('S_IFCHR').value | 0o666
  for (const [name, major, minor] of devices) {
    program.call(`make /dev/${name}`, 'mknodat', [dev, program.string(name), mode, major << 8 | minor])
  }
  for (const [target, name] of links) {
    program.call(`link /dev/${name}`, 'symlinkat', [program.string(target), dev, program.string(name)])
  }
  linkCore(program, dev)
}

/** Only where the kernel has it, as in runc. */
function linkCore(program: Program, dev: Cell): void {
  const [kcore, absent] = [program.string('/proc/kcore'), program.label('no /proc/kcore')]
  const step = 'link /dev/core'
  program.call(step, 'faccessat', [program.flags('AT_FDCWD'), kcore, 0], { jump: { on: ['negative'], to: absent } })
  program.call(step, 'symlinkat', [kcore, dev, program.string('core')])
  program.place(absent)
}

/** The null device, verified: for masking. From the container's own /dev where that is ours, else from the host's. */
export function openNullDevice(program: Program, dev: Cell | undefined): Cell {
  const fd = program.cell('null device')
  const place = dev === undefined ? [program.flags('AT_FDCWD'), program.string('/dev/null')] : [dev, program.string('null')]
  program.call('open the null device', 'openat', [...place, program.flags('O_PATH', 'O_NOFOLLOW', 'O_CLOEXEC'), 0], { store: fd })
  verifyNullDevice(program, fd)
  return fd
}
