/** Why a file that the user named cannot be read or made, in words. */

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder', EISDIR: 'it is a directory', ENOTDIR: 'part of the path is no folder', EEXIST: 'it exists already',
  EACCES: 'it may not be accessed', EROFS: 'the file system is read-only', ENOSPC: 'the disk is full', ELOOP: 'it has too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
}

export function fileReason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return reasons[code] ?? (cause instanceof Error ? cause.message : String(cause))
}
