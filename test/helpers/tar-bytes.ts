/** Tar archives byte by byte, also such as no archiver would make: what the unpacking of layers is tried with. */
export interface TarBytesEntry {
  readonly name: string | Buffer
  /** The type character; a file where absent. */
  readonly type?: string
  readonly content?: string | Buffer
  readonly link?: string
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly mtime?: number
  readonly major?: number
  readonly minor?: number
  /** Written into the header whatever the content is. */
  readonly size?: number
  readonly pax?: Readonly<Record<string, string | Buffer>>
}

const BLOCK = 512

/** The archive with its end mark. */
export function tarBytes(...entries: readonly TarBytesEntry[]): Buffer {
  return Buffer.concat([...entries.map(entryBytes), Buffer.alloc(2 * BLOCK)])
}

/** One entry, PAX header included, without end mark. */
export function entryBytes(entry: TarBytesEntry): Buffer {
  const pax = entry.pax === undefined ? [] : [block({ name: 'pax', type: 'x', content: paxBytes(entry.pax) })]
  return Buffer.concat([...pax, block(entry)])
}

/** `LENGTH KEY=VALUE\n` records. */
export function paxBytes(records: Readonly<Record<string, string | Buffer>>): Buffer {
  return Buffer.concat(Object.entries(records).map(([key, value]) => {
    const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')])
    let length = rest.length + 1
    while (String(length).length + rest.length !== length) length++
    return Buffer.concat([Buffer.from(String(length)), rest])
  }))
}

function block(entry: TarBytesEntry): Buffer {
  const content = Buffer.from(entry.content ?? '')
  const header = Buffer.alloc(BLOCK)
  const octal = (value: number, offset: number, length: number): void => {
    header.write(value.toString(8).padStart(length - 1, '0'), offset, 'latin1')
  }
  Buffer.from(entry.name).copy(header, 0, 0, 100)
  octal(entry.mode ?? 0o644, 100, 8)
  octal(entry.uid ?? 0, 108, 8)
  octal(entry.gid ?? 0, 116, 8)
  writeSize(header, entry.size ?? content.length)
  octal(entry.mtime ?? 1_000_000_000, 136, 12)
  header.write(entry.type ?? '0', 156, 'latin1')
  header.write(entry.link ?? '', 157, 100, 'utf8')
  header.write('ustar\u000000', 257, 'latin1')
  octal(entry.major ?? 0, 329, 8)
  octal(entry.minor ?? 0, 337, 8)
  header.fill(0x20, 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148, 'latin1')
  return Buffer.concat([header, content, Buffer.alloc((BLOCK - content.length % BLOCK) % BLOCK)])
}

function writeSize(header: Buffer, size: number): void {
  if (size < 8 ** 11) {
    header.write(size.toString(8).padStart(11, '0'), 124, 'latin1')
    return
  }
  header[124] = 0x80
  header.writeBigUInt64BE(BigInt(size), 128)
}
