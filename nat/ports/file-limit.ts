/**
 * Room for the descriptors that hold ports: two a port, so 10 000 ports are more than many a shell allows (`ulimit -n`).
 *
 * The limit protects a host from its users; root is asked for the ports by name, and may raise it, up to fs.nr_open.
 */
import { closeSync, openSync } from 'node:fs'
import { TsnetError } from '../../errors/error.ts'
import { isErrno } from '../../kernel/error.ts'
import { RLIMIT_NOFILE, getrlimit, setrlimit } from '../../kernel/syscalls/process.ts'

/** For the process itself. */
const SPARE = 256
/** Where the limit cannot be raised: a command opens no more beside its ports. */
const LEAST_SPARE = 32

/** Raises the limit of open files so that `needed` more fit. @throws kernel-error where that is not allowed */
export function raiseFileLimit(needed: number): void {
  const limit = getrlimit(RLIMIT_NOFILE)
  const open = openFiles(limit)
  const wanted = BigInt(open + needed + SPARE)
  if (wanted <= limit.soft) return
  const hard = wanted > limit.hard ? wanted : limit.hard
  try {
    setrlimit(RLIMIT_NOFILE, { soft: hard, hard })
  } catch (error) {
    if (!isErrno(error, 'EPERM')) throw error
    if (BigInt(open + needed + LEAST_SPARE) <= limit.hard) return setrlimit(RLIMIT_NOFILE, { ...limit, soft: limit.hard })
    throw new TsnetError('kernel-error', `publish ports: that takes ${needed} descriptors beside the ${open} that are open, and this process may have no more than `
      + `${limit.hard} files open (ulimit -Hn, fs.nr_open)`, { cause: error, data: { needed, limit: Number(limit.hard) } })
  }
}

/** Numbers are given out from below: the first free one is about how many are open. */
function openFiles({ soft }: { readonly soft: bigint }): number {
  try {
    const free = openSync('/', 'r')
    closeSync(free)
    return free
  } catch (error) {
    if (isErrno(error, 'EMFILE')) return Number(soft)
    throw error
  }
}
