/**
 * The first use of a volume: an empty one gets what the container's root has at the mount target, with owner and mode, as Docker does.
 *
 * Containers that start together take turns by a lock on the volume's folder. A mark beside `_data` says that copying is under way: after
 * a crash it is done again from the start.
 */
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tryLockFolder, waitForFolder } from '../images/folder-lock.ts'
import { copyTree } from '../rootfs/copy-tree.ts'
import { type MergedView, byteString } from '../rootfs/merged-view.ts'

/** `data`: ROOT/volumes/NAME/_data. */
export async function fillVolume(data: string, view: MergedView, target: string): Promise<void> {
  const mark = join(dirname(data), '.filling')
  if (!isFresh(data, mark)) return
  const node = view.lookup(byteString(target))
  if (node?.kind !== 'directory') return
  using _lock = await lockFolder(dirname(data))
  if (!isFresh(data, mark)) return
  writeFileSync(mark, '')
  copyTree(view, node, data)
  rmSync(mark)
}

async function lockFolder(path: string): Promise<Disposable> {
  for (;;) {
    const lock = tryLockFolder(path, 'exclusive')
    if (lock !== undefined) return lock
    statSync(path)
    await waitForFolder(undefined)
  }
}

function isFresh(data: string, mark: string): boolean {
  return statSync(mark, { throwIfNoEntry: false }) !== undefined || readdirSync(data).length === 0
}
