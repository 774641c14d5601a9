/** Archives with images in them: `docker save`, OCI archives and OCI layout folders, from a path or a stream, told apart by content. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { TsnetError } from '../../errors/error.ts'
import { type ArchiveFiles, openFolderFiles, openTarFiles } from './archive-files.ts'
import { dockerManifestFile, readDockerArchive } from './docker-archive.ts'
import type { ImageSource, SourceImage } from './image-source.ts'
import { invalidImage, withSubject } from './invalid-image.ts'
import { ociIndexFile, readOciLayout } from './oci-layout.ts'
import type { Platform } from './platform.ts'

/** A file or folder; `stream` is standard input. */
export type ArchiveInput = { readonly path: string } | { readonly stream: AsyncIterable<Uint8Array> }

/**
 * Opens an archive. `root` is tsnet's state folder, where what cannot be read twice is kept meanwhile.
 * @throws invalid-image, invalid-argument when there is no such file
 */
export async function openArchive(input: ArchiveInput, options: { readonly root: string, readonly platform: Platform }): Promise<ImageSource> {
  const label = inputLabel(input)
  const files = await withSubject(`load image ${label}`, () => openFiles(input, options.root))
  return {
    label,
    images: () => withSubject(`load image ${label}`, () => readImages(files, options.platform)),
    [Symbol.asyncDispose]() {
      files[Symbol.dispose]()
      return Promise.resolve()
    },
  }
}

/** `"x.tar"` or `from standard input`: how messages call it. */
export function inputLabel(input: ArchiveInput): string {
  return 'path' in input ? `"${input.path}"` : 'from standard input'
}

/** @throws invalid-argument */
export function checkFile(path: string, verb: string, { folders }: { readonly folders: boolean }): void {
  const refuse = (reason: string): TsnetError => new TsnetError('invalid-argument', `${verb} "${path}": ${reason}`, { data: { path } })
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw refuse('there is no such file')
  if (found.isDirectory() && !folders) throw refuse('it is a directory')
}

function openFiles(input: ArchiveInput, root: string): Promise<ArchiveFiles> {
  if ('path' in input) {
    checkFile(input.path, 'load image', { folders: true })
    if (statSync(input.path).isDirectory()) return Promise.resolve(openFolderFiles(input.path))
  }
  return openTarFiles(input, join(root, 'layers'))
}

async function readImages(files: ArchiveFiles, platform: Platform): Promise<readonly SourceImage[]> {
  if (files.has(dockerManifestFile)) return await readDockerArchive(files)
  if (files.has(ociIndexFile)) return await readOciLayout(files, platform)
  throw invalidImage('has neither manifest.json nor index.json: it is not an image archive '
    + '(a root file system is taken by `tsnet image import`)')
}
