/** Why a file that the user named cannot be read or made, in words. */

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder', EISDIR: 'it is a directory', ENOTDIR: 'part of the path is no folder', EEXIST: 'it exists already',
  EACCES: 'it may not be accessed', EPERM: 'it is not permitted there', EROFS: 'the file system is read-only', ENOSPC: 'the disk is full',
  ELOOP: 'it has too many symbolic links', ENAMETOOLONG: 'the name is too long',
}

/** Where the folder is made with those above it: what is missing then cannot be had, what is there is something else. */
const folderReasons: Readonly<Record<string, string>> = { ENOENT: 'no folder can be made there', EEXIST: 'part of the path is no folder' }

export function fileReason(cause: unknown): string {
  return reasons[codeOf(cause)] ?? (cause instanceof Error ? cause.message : String(cause))
}

export function folderReason(cause: unknown): string {
  return folderReasons[codeOf(cause)] ?? fileReason(cause)
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}
