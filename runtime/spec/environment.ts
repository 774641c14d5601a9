/**
 * The environment of a container, in Docker's order: PATH, HOSTNAME, TERM with a terminal, the user's variables, the image's
 * where the user has none of that name, HOME at the end. Where a name comes twice, the later value takes the earlier place.
 */
export const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface EnvironmentSources {
  readonly image: readonly string[]
  readonly user: readonly string[]
  readonly hostname: string
  readonly tty: boolean
}

/** Without HOME, which depends on the user's passwd entry: see `withHome`. */
export function buildEnvironment(sources: EnvironmentSources): readonly string[] {
  const given = new Set(sources.user.map(nameOf))
  const variables = new Map<string, string>()
  const add = (entry: string): void => {
    variables.set(nameOf(entry), entry)
  }
  add(defaultPath)
  add(`HOSTNAME=${sources.hostname}`)
  if (sources.tty) add('TERM=xterm')
  sources.user.forEach(add)
  sources.image.filter(entry => !given.has(nameOf(entry))).forEach(add)
  return [...variables.values()].filter(entry => entry.includes('='))
}

/** `base` with the values of `changes` in place of its own, new names at the end. */
export function mergeEnvironment(base: readonly string[], changes: readonly string[]): readonly string[] {
  return [...new Map([...base, ...changes].map(entry => [nameOf(entry), entry])).values()].filter(entry => entry.includes('='))
}

/** Adds HOME where it is missing or empty, as runc does. */
export function withHome(environment: readonly string[], home: string): readonly string[] {
  if (environment.some(entry => entry.startsWith('HOME=') && entry.length > 'HOME='.length)) return environment
  return [...environment.filter(entry => entry !== 'HOME='), `HOME=${home === '' ? '/' : home}`]
}

function nameOf(entry: string): string {
  const end = entry.indexOf('=')
  return end < 0 ? entry : entry.slice(0, end)
}
