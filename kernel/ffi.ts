/**
 * The way from TypeScript into libc: koffi's prebuilt addon, loaded at the first call and not before.
 *
 * `native('int close(int fd)')` costs nothing until the function is called; then the addon is loaded once (0.5 to 1 ms) and the
 * symbol bound. A call takes some 0.2 µs. Strings pass as `const char *`, Buffers as any pointer, null as NULL; with `void *` also
 * integers pass, sign-extended, which is how `syscall.ts` reaches every system call through one declaration.
 * A call runs on the calling thread and blocks it; koffi's asynchronous calls are left out on purpose: they would run outside
 * the namespace that `inNetns` entered.
 */
import { TsnetError } from '../errors/error.ts'
import { type AddonPath, loadAddon } from './addon.ts'

export type NativeValue = number | bigint | string | Uint8Array | null
export type NativeFunction = (...values: NativeValue[]) => number

interface Koffi {
  load(path: null): { func(definition: string): NativeFunction }
  errno(): number
  address(value: Uint8Array): bigint
}

const koffiAddon: AddonPath = {
  owner: 'koffi',
  file: `@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`,
}

interface Libc { readonly koffi: Koffi, func(definition: string): NativeFunction }

const libc = once((): Libc => {
  const koffi = loadAddon(koffiAddon)
  if (!isKoffi(koffi)) throw new TsnetError('internal-error', 'load koffi: the addon lacks load, errno or address')
  const library = koffi.load(null)
  return { koffi, func: definition => library.func(definition) }
})

/** A function of libc by its C declaration; loaded and bound at its first call. */
export function native(definition: string): NativeFunction {
  const bound = once(() => libc().func(definition))
  return (...values) => bound()(...values)
}

/** errno of the last native call; koffi keeps it from being overwritten between the call and this one. */
export function lastErrno(): number {
  return libc().koffi.errno()
}

/** The memory address of a buffer's bytes, for structures that hold pointers; the caller keeps the buffer alive. */
export function addressOf(buffer: Uint8Array): bigint {
  return libc().koffi.address(buffer)
}

function isKoffi(value: object): value is Koffi {
  return 'load' in value && 'errno' in value && 'address' in value
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
