/**
 * Kernel parameters of the container's own namespaces, written through the descriptor of its fresh procfs, crossing neither a
 * mount nor a link (CVE-2025-52881).
 */
import { TsnetError } from '../../../errors/error.ts'
import type { OciSpec } from '../../oci-spec.ts'
import type { Cell, Program } from '../program.ts'
import { openHow } from './resolve.ts'

const ipc = new Set([
  'kernel.msgmax', 'kernel.msgmnb', 'kernel.msgmni', 'kernel.sem', 'kernel.shmall', 'kernel.shmmax', 'kernel.shmmni',
  'kernel.shm_rmid_forced',
])

export function writeSysctls(program: Program, spec: OciSpec, proc: Cell | undefined): void {
  for (const [key, value] of Object.entries(spec.linux.sysctl ?? {})) {
    checkNamespaced(key, spec)
    if (proc === undefined) throw new TsnetError('invalid-argument', `set sysctl "${key}": the container has no /proc`)
    const fd = program.cell(`fd of ${key}`)
    const how = openHow(program, ['O_WRONLY'], ['RESOLVE_BENEATH', 'RESOLVE_NO_XDEV', 'RESOLVE_NO_SYMLINKS'])
    const path = key.includes('/') ? key : key.replaceAll('.', '/')
    program.call(`set sysctl ${key}`, 'openat2', [proc, program.string(`sys/${path}`), how, 24], { store: fd })
    program.call(`set sysctl ${key}=${value}`, 'write', [fd, program.string(value), Buffer.byteLength(value)])
    program.call(`set sysctl ${key}`, 'close', [fd])
  }
}

/** A parameter that is not the container's alone would change the host. */
function checkNamespaced(key: string, spec: OciSpec): void {
  const own = (type: string): boolean => spec.linux.namespaces.some(namespace => namespace.type === type)
  const name = key.replaceAll('/', '.')
  if (name.startsWith('net.') && own('network')) return
  if ((ipc.has(name) || name.startsWith('fs.mqueue.')) && own('ipc')) return
  if ((name === 'kernel.domainname' || name === 'kernel.hostname') && own('uts')) return
  throw new TsnetError('invalid-argument', `set sysctl "${key}": it does not belong to a namespace of the container's own`)
}
