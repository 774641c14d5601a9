/**
 * Files by which dockerd finds a plugin that is not in /run/docker/plugins: in /etc/docker/plugins or /usr/lib/docker/plugins, the file's
 * name being the plugin's. `.spec` is one address; `.json` has the certificates for TLS as well.
 */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { TsnetError } from '../errors/error.ts'
import { fileReason } from '../errors/file-reason.ts'

export interface DiscoveryFile {
  readonly path: string
  /** `unix:///…` or `tcp://…`. */
  readonly address: string
  /** Paths that dockerd reads: the authority that signed the plugin's certificate, and its own certificate. */
  readonly tls?: { readonly ca: string, readonly cert: string, readonly key: string }
}

/** Writes the file, in a folder that is there, at once and whole; the answer removes it, unless it is another's by then. @throws invalid-argument, store-error */
export function writeDiscovery({ path, address, tls }: DiscoveryFile): () => void {
  const text = textOf(path, address, tls)
  const unfinished = `${path}.new`
  try {
    writeFileSync(unfinished, text, { mode: 0o644 })
    renameSync(unfinished, path)
  } catch (cause) {
    if (statSync(unfinished, { throwIfNoEntry: false })?.isFile() === true) rmSync(unfinished)
    throw new TsnetError('store-error', `write "${path}": ${fileReason(cause)}`, { cause, data: { path } })
  }
  return () => {
    try {
      if (readFileSync(path, 'utf8') === text) rmSync(path, { force: true })
    } catch {
      // It was removed by hand.
    }
  }
}

function textOf(path: string, address: string, tls: DiscoveryFile['tls']): string {
  const [, name = '', extension] = /^(.+)\.(spec|json)$/.exec(basename(path)) ?? []
  if (extension === undefined) throw new TsnetError('invalid-argument', `write "${path}": the name of a discovery file ends with .spec or .json`)
  if (extension === 'spec') {
    if (tls === undefined) return `${address}\n`
    throw new TsnetError('invalid-argument', `write "${path}": a .spec file has no room for the certificates that ${address} needs; use .json`)
  }
  // To dockerd, tcp:// is without TLS, whatever the certificates.
  const url = tls === undefined ? address : address.replace(/^tcp:/, 'https:')
  const config = tls === undefined ? {} : { TLSConfig: { InsecureSkipVerify: false, CAFile: tls.ca, CertFile: tls.cert, KeyFile: tls.key } }
  return `${JSON.stringify({ Name: name, Addr: url, ...config }, undefined, 2)}\n`
}
