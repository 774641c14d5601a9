/** Whether a TCP port of 127.0.0.1 can be bound. */
import { isErrno } from '../../../kernel/error.ts'
import { close } from '../../../kernel/syscalls/descriptor.ts'
import { AF_INET, SOCK_STREAM, bind, socket, socketAddress } from '../../../kernel/syscalls/socket.ts'

export function isFree(port: number): boolean {
  const fd = socket(AF_INET, SOCK_STREAM)
  try {
    bind(fd, socketAddress('127.0.0.1', port))
    return true
  } catch (error) {
    if (isErrno(error, 'EADDRINUSE')) return false
    throw error
  } finally {
    close(fd)
  }
}
