/** `--cidfile FILE`: claimed before anything is made, filled with the id, removed again when the start fails. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { TsnetError } from '../errors/error.ts'
import { fileReason } from '../errors/file-reason.ts'

export class CidFile implements Disposable {
  readonly #path: string | undefined
  readonly #fd: number | undefined
  #isWritten = false

  private constructor(path: string | undefined, fd: number | undefined) {
    this.#path = path
    this.#fd = fd
  }

  /** @throws file-exists; invalid-argument where it cannot be made */
  static reserve(path: string | undefined): CidFile {
    if (path === undefined) return new CidFile(undefined, undefined)
    try {
      return new CidFile(path, openSync(path, 'wx', 0o644))
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
        throw new TsnetError('file-exists', `write container id to "${path}": the file exists; remove it, or give another --cidfile`, { cause })
      }
      throw new TsnetError('invalid-argument', `write container id to "${path}": ${fileReason(cause)}`, { cause })
    }
  }

  write(id: string): void {
    if (this.#fd === undefined) return
    writeSync(this.#fd, id)
    this.#isWritten = true
  }

  [Symbol.dispose](): void {
    if (this.#fd === undefined || this.#path === undefined) return
    closeSync(this.#fd)
    if (!this.#isWritten) rmSync(this.#path, { force: true })
  }
}
