/** The options of an OCI mount, parsed once: what is an attribute of the mount, what is propagation, what the file system's own. */
import type { ConstantName } from '../kernel-constants.ts'

export interface MountOptions {
  readonly bind: 'none' | 'one' | 'recursive'
  readonly set: readonly ConstantName[]
  readonly clear: readonly ConstantName[]
  /** Attributes that also the mounts below get: the options that begin with `r`, such as `rro`. */
  readonly recursiveAttributes: boolean
  /** MS_* flag; 0: as it is. */
  readonly propagation: number
  readonly recursivePropagation: boolean
  /** For the file system: [key, value], or [key] for a flag. */
  readonly data: readonly (readonly [string, string?])[]
}

const attributes: Readonly<Record<string, { readonly set?: ConstantName, readonly clear?: ConstantName }>> = {
  ro: { set: 'MOUNT_ATTR_RDONLY' }, rw: { clear: 'MOUNT_ATTR_RDONLY' },
  nosuid: { set: 'MOUNT_ATTR_NOSUID' }, suid: { clear: 'MOUNT_ATTR_NOSUID' },
  nodev: { set: 'MOUNT_ATTR_NODEV' }, dev: { clear: 'MOUNT_ATTR_NODEV' },
  noexec: { set: 'MOUNT_ATTR_NOEXEC' }, exec: { clear: 'MOUNT_ATTR_NOEXEC' },
  nodiratime: { set: 'MOUNT_ATTR_NODIRATIME' }, diratime: { clear: 'MOUNT_ATTR_NODIRATIME' },
  relatime: { clear: 'MOUNT_ATTR__ATIME' },
  noatime: { set: 'MOUNT_ATTR_NOATIME', clear: 'MOUNT_ATTR__ATIME' },
  strictatime: { set: 'MOUNT_ATTR_STRICTATIME', clear: 'MOUNT_ATTR__ATIME' },
}

const propagations: Readonly<Record<string, number>> = {
  unbindable: 1 << 17, private: 1 << 18, slave: 1 << 19, shared: 1 << 20,
}

const ignored = new Set(['defaults', 'async', 'atime', 'auto', 'noauto', 'newinstance', 'loud', 'silent'])

export function parseMountOptions(type: string, options: readonly string[]): MountOptions {
  const set = new Set<ConstantName>()
  const clear = new Set<ConstantName>()
  const data: (readonly [string, string?])[] = []
  let bind: MountOptions['bind'] = type === 'bind' ? 'one' : 'none'
  let [recursiveAttributes, propagation, recursivePropagation] = [false, 0, false]
  for (const option of options) {
    const plain = option.startsWith('r') ? option.slice(1) : ''
    const attribute = attributes[option] ?? attributes[plain]
    const spread = propagations[option] ?? propagations[plain]
    if (option === 'bind') bind = 'one'
    else if (option === 'rbind') bind = 'recursive'
    else if (attribute !== undefined) {
      if (attribute.set !== undefined) set.add(attribute.set)
      if (attribute.clear !== undefined) clear.add(attribute.clear)
      recursiveAttributes ||= attributes[option] === undefined
    } else if (spread !== undefined) {
      propagation = spread
      recursivePropagation = propagations[option] === undefined
    } else if (!ignored.has(option)) data.push(splitOption(option))
  }
  // The last of two opposites wins in mount(8); "rw" after "ro" is the only pair that is met.
  if (options.lastIndexOf('rw') > options.lastIndexOf('ro')) set.delete('MOUNT_ATTR_RDONLY')
  for (const name of set) clear.delete(name)
  return { bind, set: [...set], clear: [...clear], recursiveAttributes, propagation, recursivePropagation, data }
}

function splitOption(option: string): readonly [string, string?] {
  const equals = option.indexOf('=')
  return equals < 0 ? [option] : [option.slice(0, equals), option.slice(equals + 1)]
}
