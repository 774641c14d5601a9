/**
 * A box for descriptors that a process keeps open without its doing: both ends of a Unix socket pair, with messages in its queue
 * that carry them (SCM_RIGHTS) and that nobody receives.
 *
 * Whoever has both ends keeps them open, however many there are; when the last one with an end is gone, the kernel closes them. Another
 * process with the ends (pidfd_getfd) puts further ones in and takes some out, and the keeper need not run for it: so the shim of a
 * container, which only waits, gains and loses the host's ports.
 *
 * What is in the box is never out of it: a sweep sends what stays once more before it drops the message it was in. Who dies in between
 * leaves some twice, which closes with the next sweep.
 */
import { randomHex } from './random.ts'
import { close } from './syscalls/descriptor.ts'
import { dropMessage, maxPassed, peekMessage, sendMessage } from './syscalls/passing.ts'
import { pidfdGetfd, pidfdOpen } from './syscalls/process.ts'
import { AF_UNIX, SOCK_SEQPACKET, SOL_SOCKET, SO_SNDBUFFORCE, setsockopt, socketPair } from './syscalls/socket.ts'

/** The two ends: what is put into the first waits at the second. */
export type BoxEnds = readonly [putting: number, taking: number]

export class DescriptorBox implements Disposable {
  readonly ends: BoxEnds

  private constructor(ends: BoxEnds) {
    this.ends = ends
  }

  /** An empty one, which is gone with its last ends. */
  static create(): DescriptorBox {
    const box = new DescriptorBox(socketPair(AF_UNIX, SOCK_SEQPACKET))
    setsockopt(box.ends[0], SOL_SOCKET, SO_SNDBUFFORCE, ROOM)
    return box
  }

  /** That of another process, which has the ends under two numbers; undefined where there is no such process. */
  static of(pid: number, numbers: BoxEnds): DescriptorBox | undefined {
    const pidfd = pidfdOpen(pid)
    if (pidfd === undefined) return undefined
    try {
      const putting = pidfdGetfd(pidfd, numbers[0])
      try {
        return new DescriptorBox([putting, pidfdGetfd(pidfd, numbers[1])])
      } catch (error) {
        close(putting)
        throw error
      }
    } finally {
      close(pidfd)
    }
  }

  /** Puts duplicates in; those of the caller stay open, and are the caller's to close. */
  put(descriptors: readonly number[]): void {
    for (let first = 0; first < descriptors.length; first += maxPassed) {
      sendMessage(this.ends[0], { data: CONTENT, descriptors: descriptors.slice(first, first + maxPassed) })
    }
  }

  /** Closes all in it but those that `stays` takes; each is asked about with a number that is valid during the call. */
  sweep(stays: (descriptor: number) => boolean): void {
    // Tells this sweep's end from one that another process did not come to.
    const end = Buffer.from(randomHex(16))
    sendMessage(this.ends[0], { data: end, descriptors: [] })
    for (let message = peekMessage(this.ends[1]); message !== undefined; message = peekMessage(this.ends[1])) {
      try {
        this.put(message.descriptors.filter(stays))
        dropMessage(this.ends[1])
      } finally {
        message.descriptors.forEach(close)
      }
      if (message.data.equals(end)) return
    }
  }

  /** The ends of this process; the box stays with others who have them. */
  [Symbol.dispose](): void {
    this.ends.forEach(close)
  }
}

const CONTENT = Buffer.of(0)
/** Bytes of the queue: a message counts some 800, so this is far more than a process could have open. */
const ROOM = 64 * 1024 * 1024
