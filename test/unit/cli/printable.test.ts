/** What is shown of names, arguments and images. */
import test from 'ava'
import { printable } from '../../../cli/printable.ts'
import { requireUtf8 } from '../../../cli/utf8.ts'

for (const [text, shown] of [
  ['plain, "quoted", \u00e9 \u2026 \u{1f600}', 'plain, "quoted", \u00e9 \u2026 \u{1f600}'],
  ['two\nlines\r\tof it', 'two\\nlines\\r\\tof it'],
  ['\u001b[2J\u0000\u007f\u009b', '\\x1b[2J\\x00\\x7f\\x9b'],
] as const) {
  test(`${JSON.stringify(text)} is shown without control characters`, t => { t.is(printable(text), shown) })
}

for (const [what, args, bytes, isFine] of [
  ['plain words, whatever the bytes are', ['run', 'a'], [0xff], true],
  ['the replacement character itself', ['\u{fffd}'], [0xef, 0xbf, 0xbd, 0], true],
  ['a byte that Node has replaced', ['a\u{fffd}'], [0x61, 0xff, 0], false],
] as const) {
  test(`arguments: ${what} ${isFine ? 'pass' : 'is refused'}`, t => {
    const read = (): void => requireUtf8(args, () => Buffer.from(bytes))
    if (isFine) t.notThrows(read)
    else t.throws(read, { code: 'invalid-argument', message: 'read arguments: "a\u{fffd}" is not UTF-8' })
  })
}
