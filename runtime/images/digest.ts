/** Content digests, `sha256:<64 hex digits>`, as image-spec's descriptor.md has them. */
import { createHash, type Hash } from 'node:crypto'

export type Digest = `sha256:${string}`

const pattern = /^sha256:[0-9a-f]{64}$/

export function isDigest(text: string): text is Digest {
  return pattern.test(text)
}

/** The part after the colon: what folders and blobs are called. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length)
}

export function digestOf(data: string | Uint8Array): Digest {
  return finishDigest(createHash('sha256').update(data))
}

export function finishDigest(hash: Hash): Digest {
  return `sha256:${hash.digest('hex')}`
}

/** Passes `source` through and adds every chunk to `hash`. */
export async function* hashing(source: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    hash.update(chunk)
    yield chunk
  }
}

/** ChainID of every layer, base first: it names a layer together with all below it. Source: image-spec config.md. */
export function chainIds(diffIds: readonly Digest[]): readonly Digest[] {
  const chain: Digest[] = []
  for (const diffId of diffIds) {
    const parent = chain.at(-1)
    chain.push(parent === undefined ? diffId : digestOf(`${parent} ${diffId}`))
  }
  return chain
}
