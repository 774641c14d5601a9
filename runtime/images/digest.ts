/** Content digests as text, `sha256:<64 hex digits>`, as image-spec's descriptor.md has them. How they are made: hash.ts. */
export type Digest = `sha256:${string}`

const pattern = /^sha256:[0-9a-f]{64}$/

export function isDigest(text: string): text is Digest {
  return pattern.test(text)
}

/** The part after the colon: what folders and blobs are called. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length)
}
