/** Terminals: the modes that Node's `setRawMode` leaves alone. */
import { ioctl } from './descriptor.ts'

/**
 * Output reaches the terminal as it is, without carriage returns added to newlines. What is in the container's terminal was
 * processed there already, and a program that moves the cursor by newlines would find it in the first column. Twin: stty -opost.
 * Source: struct termios (include/uapi/asm-generic/termbits.h), c_oflag being its second word.
 */
export function disableOutputProcessing(fd: number): void {
  const termios = Buffer.alloc(TERMIOS_SIZE)
  ioctl(fd, TCGETS, termios)
  termios.writeUInt32LE((termios.readUInt32LE(4) & ~OPOST) >>> 0, 4)
  ioctl(fd, TCSETS, termios)
}

const TCGETS = 0x5401
const TCSETS = 0x5402
const TERMIOS_SIZE = 64
const OPOST = 1
