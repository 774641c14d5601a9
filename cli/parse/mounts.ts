/** `-v [SOURCE:]TARGET[:OPTIONS]`: a bind mount where SOURCE begins with `/` (or `.`), a named volume otherwise. */
import { posix, resolve } from 'node:path'
import { TsnetError } from '../../errors/error.ts'
import type { MountSpec } from '../../runtime/types.ts'

const examples = 'examples: /srv:/data, /srv:/data:ro, store:/data, /data'

/** @param around its `cwd` is the folder that a relative host path starts from @throws invalid-argument */
export function parseMount(text: string, around: { readonly cwd: string }): MountSpec {
  const parts = text.split(':')
  if (parts.length > 3 || parts.includes('')) throw invalid(text, `it is not [SOURCE:]TARGET[:OPTIONS]`)
  const [first = '', second, options = ''] = parts
  const source = second === undefined ? undefined : first
  const target = checkTarget(second ?? first, text)
  const readOnly = parseOptions(options, text)
  if (source === undefined) return { kind: 'volume', target, readOnly }
  if (source.startsWith('/')) return { kind: 'bind', source: resolve(source), target, readOnly }
  if (source.startsWith('.')) return { kind: 'bind', source: resolve(around.cwd, source), target, readOnly }
  return { kind: 'volume', source, target, readOnly }
}

function checkTarget(target: string, text: string): string {
  if (!target.startsWith('/')) throw invalid(text, `the path inside the container, "${target}", is not absolute`)
  const normal = posix.normalize(target).replace(/(?<=.)\/$/, '')
  if (normal === '/') throw invalid(text, 'nothing can be mounted over the root of the container')
  return normal
}

/** `z` and `Z` (labels of SELinux) are accepted and mean nothing here. */
function parseOptions(options: string, text: string): boolean {
  const given = options === '' ? [] : options.split(',')
  for (const option of given) {
    if (!['ro', 'rw', 'z', 'Z'].includes(option)) throw invalid(text, `"${option}" is no mount option (ro, rw)`)
  }
  if (given.includes('ro') && given.includes('rw')) throw invalid(text, 'it cannot be both ro and rw')
  return given.includes('ro')
}

function invalid(text: string, reason: string): TsnetError {
  return new TsnetError('invalid-argument', `mount "${text}": ${reason}; ${examples}`, { data: { mount: text } })
}
