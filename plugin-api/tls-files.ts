/** The certificates and the key of a TLS socket: read and looked at before anything listens, so that what is wrong is told with its file. */
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { TsnetError } from '../errors/error.ts'
import { fileReason } from '../errors/file-reason.ts'

/** Contents, in PEM. */
export interface TlsFiles { readonly ca: Buffer, readonly cert: Buffer, readonly key: Buffer }

/** @throws invalid-argument */
export function readTlsFiles(paths: { readonly ca: string, readonly cert: string, readonly key: string }): TlsFiles {
  const files = { ca: read(paths.ca), cert: read(paths.cert), key: read(paths.key) }
  parsed(paths.ca, 'it is no certificate in PEM', () => new X509Certificate(files.ca))
  const certificate = parsed(paths.cert, 'it is no certificate in PEM', () => new X509Certificate(files.cert))
  const key = parsed(paths.key, 'it is no private key in PEM without a passphrase', () => createPrivateKey(files.key))
  if (certificate.checkPrivateKey(key)) return files
  throw new TsnetError('invalid-argument', `read "${paths.key}": it is not the key of the certificate "${paths.cert}"`)
}

function read(path: string): Buffer {
  return parsed(path, undefined, () => readFileSync(path))
}

function parsed<T>(path: string, reason: string | undefined, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw new TsnetError('invalid-argument', `read "${path}": ${reason ?? fileReason(cause)}`, { cause })
  }
}
