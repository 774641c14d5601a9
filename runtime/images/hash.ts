/** Digests made: apart from digest.ts, as loading node:crypto takes 5 ms, and running a container hashes nothing. */
import { createHash, type Hash } from 'node:crypto'
import type { Digest } from './digest.ts'

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
