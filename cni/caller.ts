/**
 * Who called. A server that dies between making an attachment and its answer leaves a client that becomes the standalone executable and asks again:
 * the same process as before, which nobody has answered, and which is given what was made. Any other that asks twice has been answered, and
 * gets the error that the specification wants.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { processStartTime } from '../kernel/boot.ts'
import { attachmentId } from './attachment.ts'
import { findAttachment } from './attachments.ts'
import type { CniCore } from './core.ts'
import type { Request } from './request.ts'
import type { CniResult } from './result.ts'

/** As no other process of this boot is called, whatever program it becomes; undefined where it has ended. */
export function callerName(pid: number): string | undefined {
  const started = processStartTime(pid)
  return started === undefined ? undefined : `${pid} ${started}`
}

/**
 * Whether the program that called the plugin binds a container's host ports by itself, once it has its network: podman, whose conmon holds them as long as
 * the container runs. It could not, if a server held them.
 */
export function reservesPorts(pid: number): boolean {
  try {
    const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return parent !== undefined && basename(readlinkSync(`/proc/${parent}/exe`)) === 'podman'
  } catch {
    return false
  }
}

/** What this very process has had a server make, and was not told. */
export function findUnanswered(core: CniCore, request: Request, plugin: string): CniResult | undefined {
  const record = findAttachment(core, attachmentId(request, plugin))
  if (record?.state !== 'ready' || record.askedBy === undefined || record.bootId !== core.bootId) return undefined
  return record.askedBy === callerName(process.pid) ? record.result : undefined
}
