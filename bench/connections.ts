/**
 * Connections from one namespace to a server in another, one after the other: connect, accept, close, by plain system calls, so that what is
 * measured is the packet's way and not a runtime's. Each is closed by a reset and leaves nothing waiting.
 */
import { lastErrno, native } from '../kernel/ffi.ts'
import { inNetns } from '../kernel/netns.ts'
import { close } from '../kernel/syscalls/descriptor.ts'
import { AF_INET, SOCK_STREAM, SOL_SOCKET, bind, socket, socketAddress } from '../kernel/syscalls/socket.ts'

const connect = native('int connect(int fd, void *address, unsigned int length)')
const accept = native('int accept4(int fd, void *address, void *length, int flags)')
const listen = native('int listen(int fd, int backlog)')
const setOption = native('int setsockopt(int fd, int level, int name, void *value, unsigned int length)')

const SO_LINGER = 13
/** struct linger {1, 0} */
const RESET = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])

export interface Ends { readonly client: string, readonly server: string }

/** Milliseconds for `count` connections from namespace `client` to `target`, which leads to `port` in namespace `server`. */
export function connectionTime({ client, server }: Ends, target: { readonly ip: string, readonly port: number }, port: number, count: number): number {
  const listener = inNetns(server, () => {
    const fd = socket(AF_INET, SOCK_STREAM)
    bind(fd, socketAddress('0.0.0.0', port))
    check('listen', listen(fd, 64))
    return fd
  })
  const address = socketAddress(target.ip, target.port)
  try {
    return inNetns(client, () => {
      const start = process.hrtime.bigint()
      for (let n = 0; n < count; n += 1) {
        const fd = socket(AF_INET, SOCK_STREAM)
        setOption(fd, SOL_SOCKET, SO_LINGER, RESET, RESET.length)
        check('connect', connect(fd, address, address.length))
        const accepted = accept(listener, null, null, 0)
        close(fd)
        close(accepted)
      }
      return Number(process.hrtime.bigint() - start) / 1e6
    })
  } finally {
    close(listener)
  }
}

function check(call: string, result: number): void {
  if (result < 0) throw new Error(`${call}: errno ${lastErrno()}`)
}
