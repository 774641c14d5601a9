/**
 * Waiting for a change in a folder (inotify): no polling, no missed change.
 *
 * Begin to watch, then look at the folder, then `next()`: a change between the look and `next` is remembered.
 */
import { type FSWatcher, watch } from 'node:fs'

export class FolderWatch implements Disposable {
  readonly #watcher: FSWatcher
  #change = Promise.withResolvers<void>()

  /** @throws ENOENT where there is no such folder */
  constructor(path: string) {
    this.#watcher = watch(path, () => this.#change.resolve())
    this.#watcher.on('error', () => this.#change.resolve())
  }

  /** Resolves at the first change since the last call, or after the time. */
  async next(timeoutMs: number): Promise<void> {
    const timeout = Promise.withResolvers<void>()
    const timer = setTimeout(timeout.resolve, timeoutMs)
    try {
      await Promise.race([this.#change.promise, timeout.promise])
    } finally {
      clearTimeout(timer)
      this.#change = Promise.withResolvers()
    }
  }

  [Symbol.dispose](): void {
    this.#watcher.close()
  }
}
