/**
 * Image names: `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`, stored in full, shown short, as Docker does.
 *
 *     busybox            docker.io/library/busybox:latest          shown as busybox:latest
 *     me/web:2           docker.io/me/web:2                        shown as me/web:2
 *     localhost:5000/x   localhost:5000/x:latest                   shown as it is
 *
 * The first component is a host when it has a dot, a colon or capitals, or is `localhost`. Source: distribution/reference, regexp.go and
 * normalize.go; distribution-spec spec.md for the path and tag grammars.
 */
import { TsnetError } from '../../errors/error.ts'
import { type Digest, isDigest } from './digest.ts'

export interface ImageReference {
  /** HOST/PATH, in full. */
  readonly repository: string
  /** `latest` where neither tag nor digest was given. */
  readonly tag?: string
  readonly digest?: Digest
}

const defaultHost = 'docker.io'
const officialPath = 'library/'
const pathComponent = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const pathPattern = new RegExp(`^${pathComponent}(?:/${pathComponent})*$`)
const hostPattern = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const maxRepository = 255

/** @throws invalid-reference */
export function parseReference(text: string): ImageReference {
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : text.slice(at + 1)
  if (digest !== undefined && !isDigest(digest)) throw invalidReference(text, `"${digest}" is not a digest (sha256:<64 hex digits>)`)
  const rest = at < 0 ? text : text.slice(0, at)
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1)
  const tag = colon < 0 ? undefined : rest.slice(colon + 1)
  if (tag !== undefined && !tagPattern.test(tag)) throw invalidReference(text, `"${tag}" is not a tag ([A-Za-z0-9_][A-Za-z0-9._-]*, at most 128)`)
  const repository = normalise(colon < 0 ? rest : rest.slice(0, colon), text)
  if (digest !== undefined) return { repository, digest, ...tag === undefined ? {} : { tag } }
  return { repository, tag: tag ?? 'latest' }
}

/** The full name of a tag: what records hold. @throws invalid-reference for a name without tag */
export function tagName(reference: ImageReference): string {
  if (reference.tag === undefined) throw invalidReference(reference.repository, 'a tag is needed, not a digest')
  return `${reference.repository}:${reference.tag}`
}

/** As users write and read it: `docker.io/library/busybox:latest` is `busybox:latest`. */
export function familiarName(fullName: string): string {
  const withoutHost = fullName.startsWith(`${defaultHost}/`) ? fullName.slice(defaultHost.length + 1) : fullName
  if (withoutHost === fullName) return fullName
  const short = withoutHost.startsWith(officialPath) ? withoutHost.slice(officialPath.length) : withoutHost
  return short.includes('/') && withoutHost !== short ? withoutHost : short
}

function normalise(name: string, text: string): string {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hasHost = /[.:[]/.test(first) || first === 'localhost' || first !== first.toLowerCase()
  const host = hasHost ? first : defaultHost
  const path = hasHost ? name.slice(slash + 1) : name
  if (!hostPattern.test(host)) throw invalidReference(text, `"${host}" is not a host name`)
  if (!pathPattern.test(path)) {
    throw invalidReference(text, path !== path.toLowerCase() ? 'the name must be in lower case' : 'the name is malformed')
  }
  if (/^[0-9a-f]{64}$/.test(name)) throw invalidReference(text, 'a name of 64 hex digits would look like an id')
  const full = `${host === 'index.docker.io' ? defaultHost : host}/${host === defaultHost && !path.includes('/') ? officialPath : ''}${path}`
  if (full.length > maxRepository) throw invalidReference(text, `the name is longer than ${maxRepository} characters`)
  return full
}

function invalidReference(text: string, reason: string): TsnetError {
  return new TsnetError('invalid-reference', `read image name "${text}": ${reason}`, { data: { reference: text } })
}
