/** A process that loads an archive: `loader.fixture.ts ROOT ARCHIVE`; prints the id, and `unpacking` when the first layer is begun. */
import { ImageStore } from '../../../../runtime/images/image-store.ts'
import { LayerStore } from '../../../../runtime/images/layer-store.ts'
import { openArchive } from '../../../../runtime/images/archive.ts'
import { loadImages } from '../../../../runtime/images/load.ts'
import type { ImageSource } from '../../../../runtime/images/image-source.ts'
import { openStore } from '../../../../store/store.ts'

const [, , root = '', path = ''] = process.argv
using store = openStore(root)
const layers = new LayerStore(root)
await using source = await openArchive({ path }, { root, platform: { architecture: 'amd64' } })
const telling: ImageSource = {
  label: source.label,
  images: async () => (await source.images()).map(image => ({
    ...image,
    layers: image.layers.map(layer => ({
      ...layer,
      open: () => {
        process.stdout.write('unpacking\n')
        return layer.open()
      },
    })),
  })),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}
for (const { record } of await loadImages(telling, { layers, images: new ImageStore(store, layers) })) process.stdout.write(`${record.id}\n`)
