/**
 * Who the process is: capabilities, groups, user, no_new_privs and the seccomp filter, in runc's order.
 *
 * Without no_new_privs a filter can only be loaded with CAP_SYS_ADMIN, so before capabilities are dropped; with it, it is the very
 * last step before execve. Whatever can be done earlier is, for a profile may forbid it.
 */
import type { OciProcess } from '../../oci-spec.ts'
import type { Data, Program } from '../program.ts'
import { capabilityLimit, capabilityMask, hasCapability, knownCapabilities } from './capabilities.ts'

export interface Identity {
  readonly process: OciProcess
  /** struct sock_fprog; absent: unconfined. */
  readonly filter?: Data
  /** What may be granted at all: the permitted set of the process that starts the container. */
  readonly permitted: bigint
}

export function becomeUser(program: Program, { process, filter, permitted }: Identity): void {
  const loadFilter = (): void => {
    if (filter === undefined) return
    program.call('load the seccomp filter', 'seccomp', [program.flags('SECCOMP_SET_MODE_FILTER'), 0, filter])
  }
  if (process.noNewPrivileges) program.call('set no_new_privs', 'prctl', [program.flags('PR_SET_NO_NEW_PRIVS'), 1, 0, 0, 0])
  else loadFilter()
  limitBoundingSet(program, capabilityMask(process.capabilities.bounding))
  program.call('keep capabilities', 'prctl', [program.flags('PR_SET_KEEPCAPS'), 1, 0, 0, 0])
  setUser(program, process.user)
  program.call('keep capabilities no longer', 'prctl', [program.flags('PR_SET_KEEPCAPS'), 0, 0, 0, 0])
  setCapabilities(program, process.capabilities, permitted)
  if (process.noNewPrivileges) loadFilter()
}

function limitBoundingSet(program: Program, kept: bigint): void {
  const drop = program.flags('PR_CAPBSET_DROP')
  const done = program.label('bounding set is limited')
  for (let number = 0; number < capabilityLimit; number++) {
    if (hasCapability(kept, number)) continue
    // The first number that this kernel does not know ends the list.
    const options = number < knownCapabilities ? {} : { jump: { on: ['negative' as const], to: done } }
    program.call(`drop capability ${number} from the bounding set`, 'prctl', [drop, number, 0, 0, 0], options)
  }
  program.place(done)
}

function setUser(program: Program, { uid, gid, additionalGids = [] }: OciProcess['user']): void {
  const groups = Buffer.from(Uint32Array.from(additionalGids).buffer)
  program.call('set the supplementary groups', 'setgroups', [
    additionalGids.length, program.bytes(`[${additionalGids.join(', ')}]`, groups),
  ])
  program.call(`set the group to ${gid}`, 'setresgid', [gid, gid, gid])
  program.call(`set the user to ${uid}`, 'setresuid', [uid, uid, uid])
}

const LINUX_CAPABILITY_VERSION_3 = 0x2008_0522

function setCapabilities(program: Program, capabilities: OciProcess['capabilities'], permitted: bigint): void {
  const set = (name: 'effective' | 'permitted' | 'inheritable' | 'ambient'): bigint => capabilityMask(capabilities[name]) & permitted
  const sets = [set('effective'), set('permitted'), set('inheritable')]
  const halves = [0n, 32n].flatMap(shift => sets.map(mask => Number(mask >> shift & 0xffff_ffffn)))
  const text = `{effective ${hex(sets[0])}, permitted ${hex(sets[1])}, inheritable ${hex(sets[2])}}`
  const header = program.words('{version 3, this process}', [LINUX_CAPABILITY_VERSION_3])
  program.call('set the capabilities', 'capset', [header, program.bytes(text, Buffer.from(Uint32Array.from(halves).buffer))])
  const ambient = program.flags('PR_CAP_AMBIENT')
  program.call('clear the ambient capabilities', 'prctl', [ambient, program.flags('PR_CAP_AMBIENT_CLEAR_ALL'), 0, 0, 0])
  for (let number = 0; number < knownCapabilities; number++) {
    if (!hasCapability(set('ambient'), number)) continue
    program.call(`raise ambient capability ${number}`, 'prctl', [ambient, program.flags('PR_CAP_AMBIENT_RAISE'), number, 0, 0])
  }
}

function hex(mask = 0n): string { return `0x${mask.toString(16)}` }
