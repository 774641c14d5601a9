/** Threads of the shim: same memory, same descriptors, no stack (the interpreter uses none). */
import { addressOf, type Cell, type Program } from '../program.ts'

const cloneArgumentsSize = 88

export interface Thread {
  /** The kernel's thread id; the kernel clears it, and wakes who waits for it, when the thread ends. */
  readonly tid: Cell
}

/** Threads whose bodies come after the main line: the list of records is one, and each body must be jumped to. */
export class Threads {
  readonly #program: Program
  readonly #bodies: (() => void)[] = []

  constructor(program: Program) { this.#program = program }

  start(name: string, body: () => void): Thread {
    const program = this.#program
    const tid = program.cell(`tid of ${name}`)
    const entry = program.label(name)
    const flags = program.flags(
      'CLONE_VM', 'CLONE_FS', 'CLONE_FILES', 'CLONE_SIGHAND', 'CLONE_THREAD', 'CLONE_SYSVSEM', 'CLONE_PARENT_SETTID',
      'CLONE_CHILD_CLEARTID',
    )
    const address = addressOf(tid)
    const args = program.words(`{${flags.text}}`, [flags.value, 0, address, address, 0, 0, 0, 0, 0, 0, 0])
    program.call(`start the thread: ${name}`, 'clone3', [args, cloneArgumentsSize], { jump: { on: ['zero'], to: entry } })
    this.#bodies.push(() => {
      program.place(entry)
      body()
      program.call(`end the thread: ${name}`, 'exit', [0])
    })
    return { tid }
  }

  /** Appends all bodies; the main line must have ended before. */
  place(): void { for (const body of this.#bodies) body() }
}
