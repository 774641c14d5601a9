/** A state folder of a test's own, with the stores over it. */
import { mkdtempSync, rmSync } from 'node:fs'
import type { ExecutionContext } from 'ava'
import { ImageStore } from '../../../../runtime/images/image-store.ts'
import { LayerStore } from '../../../../runtime/images/layer-store.ts'
import { type LoadedImage, loadImages } from '../../../../runtime/images/load.ts'
import { openArchive } from '../../../../runtime/images/archive.ts'
import { type Store, openStore } from '../../../../store/store.ts'

export interface TestStores { readonly root: string, readonly store: Store, readonly layers: LayerStore, readonly images: ImageStore }

export function testStores(t: ExecutionContext): TestStores {
  const root = mkdtempSync('/var/lib/tsnet-')
  const store = openStore(root)
  t.teardown(() => {
    store.close()
    rmSync(root, { recursive: true, force: true })
  })
  const layers = new LayerStore(root)
  return { root, store, layers, images: new ImageStore(store, layers) }
}

/** What `tsnet image load -i PATH` does. */
export async function load(path: string, stores: TestStores, architecture = 'amd64'): Promise<readonly LoadedImage[]> {
  await using source = await openArchive({ path }, { root: stores.root, platform: { architecture } })
  return await loadImages(source, stores)
}

export async function* streamOf(bytes: Buffer, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size)
}
