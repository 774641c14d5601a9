import test from 'ava'
import { dataAddress, elfImage } from '../../../../runtime/init/elf.ts'

test('no segment is both writable and executable, the stack is not executable', t => {
  const view = new DataView(elfImage({ architecture: 'x64', code: new Uint8Array(100), data: new Uint8Array(500), bssSize: 4096 }).buffer)
  const count = view.getUint16(56, true)
  const segments = Array.from({ length: count }, (_, index) => 64 + 56 * index)
  const kinds = segments.map(at => [view.getUint32(at, true), view.getUint32(at + 4, true)])
  t.deepEqual(kinds, [[1, 5], [1, 6], [0x6474_e551, 6]])
  for (const at of segments.slice(0, 2)) {
    t.is(view.getBigUint64(at + 8, true) % 0x1_0000n, view.getBigUint64(at + 16, true) % 0x1_0000n)
  }
  t.is(view.getBigUint64(64 + 56 + 40, true) - view.getBigUint64(64 + 56 + 32, true), 4096n)
  t.is(view.getBigUint64(64 + 56 + 16, true), BigInt(dataAddress(100)))
})

test('machine and entry are those of the architecture', t => {
  const image = (architecture: 'x64' | 'arm64') => {
    return new DataView(elfImage({ architecture, code: new Uint8Array(4), data: new Uint8Array(8), bssSize: 0 }).buffer)
  }
  t.is(image('x64').getUint16(18, true), 62)
  t.is(image('arm64').getUint16(18, true), 183)
  t.is(image('arm64').getBigUint64(24, true), 0x40_00e8n)
})
