/** A new file system by the mount API: configured and mounted, but not yet attached anywhere. */
import type { OciMount } from '../../oci-spec.ts'
import type { Cell, Program } from '../program.ts'
import type { MountOptions } from './mount-options.ts'

/** fsopen, fsconfig for every option, fsmount: detached. */
export function createFilesystem(program: Program, { type, source }: Pick<OciMount, 'type' | 'source'>, options: MountOptions): Cell {
  const [context, mount] = [program.cell(`${type} context`), program.cell(`${type} mount`)]
  const step = `make ${type}`
  const string = program.flags('FSCONFIG_SET_STRING')
  program.call(step, 'fsopen', [program.string(type), program.flags('FSOPEN_CLOEXEC')], { store: context })
  program.call(step, 'fsconfig', [context, string, program.string('source'), program.string(source), 0])
  for (const [key, value] of options.data) {
    const name = program.string(key)
    if (value === undefined) program.call(`${step}: ${key}`, 'fsconfig', [context, program.flags('FSCONFIG_SET_FLAG'), name, 0, 0])
    else program.call(`${step}: ${key}=${value}`, 'fsconfig', [context, string, name, program.string(value), 0])
  }
  program.call(step, 'fsconfig', [context, program.flags('FSCONFIG_CMD_CREATE'), 0, 0, 0])
  program.call(step, 'fsmount', [context, program.flags('FSMOUNT_CLOEXEC'), program.flags(...options.set)], { store: mount })
  program.call(step, 'close', [context])
  return mount
}
