/** Platforms as images write them: `linux/arm64/v8`. */
import { readdirSync } from 'node:fs'
import { TsnetError } from '../../errors/error.ts'

export interface Platform { readonly architecture: string, readonly variant?: string }

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }
const spellings: Readonly<Record<string, string>> = { 'x86_64': 'amd64', 'x86-64': 'amd64', aarch64: 'arm64' }

/** This machine's. @throws platform-unsupported */
export function hostPlatform(): Platform {
  const architecture = architectures[process.arch]
  if (architecture === undefined) throw new TsnetError('platform-unsupported', `find platform: tsnet does not run on ${process.arch}`)
  return { architecture }
}

/** `[linux/]ARCHITECTURE[/VARIANT]`. @throws invalid-argument, platform-unsupported */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split('/')
  const [os, architecture, variant] = parts.length === 1 ? ['linux', ...parts] : parts
  if (architecture === undefined || architecture === '' || parts.length > 3 || variant === '') {
    throw new TsnetError('invalid-argument', `read platform "${text}": it is not linux/ARCHITECTURE[/VARIANT]`)
  }
  if (os !== 'linux') throw new TsnetError('platform-unsupported', `read platform "${text}": only linux images can run here`)
  return { architecture: spellings[architecture] ?? architecture, ...variant === undefined ? {} : { variant } }
}

/** Image-spec: arm64 may leave out its variant v8; a wish without variant takes any. */
export function matchesPlatform(wanted: Platform, offered: { readonly os: string, readonly architecture: string, readonly variant?: string }): boolean {
  if (offered.os !== 'linux' || (spellings[offered.architecture] ?? offered.architecture) !== wanted.architecture) return false
  if (wanted.variant === undefined || offered.variant === wanted.variant) return true
  return wanted.architecture === 'arm64' && wanted.variant === 'v8' && (offered.variant ?? '') === ''
}

export function platformText(platform: { readonly architecture: string, readonly variant?: string }): string {
  return `linux/${platform.architecture}${platform.variant === undefined ? '' : `/${platform.variant}`}`
}

/** What a processor runs by itself. */
const native: Readonly<Record<string, readonly string[]>> = { amd64: ['amd64', '386'], arm64: ['arm64', 'arm'] }

/**
 * Says in advance what execve could only call a format error. An emulator registered with binfmt_misc counts as able to run anything.
 * @throws platform-unsupported
 */
export function requireRunnable(name: string, architecture: string): void {
  const host = hostPlatform()
  if ((native[host.architecture] ?? []).includes(architecture) || hasEmulator()) return
  throw new TsnetError('platform-unsupported', `run image "${name}": it is for linux/${architecture}, this machine is linux/${host.architecture}`,
    { data: { image: architecture, machine: host.architecture } })
}

function hasEmulator(): boolean {
  try {
    return readdirSync('/proc/sys/fs/binfmt_misc').some(name => name.startsWith('qemu-'))
  } catch {
    return false
  }
}
