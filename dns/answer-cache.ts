/**
 * Answers of our own, by the bytes of the question: who asks the same again is told the same, without reading it again, until the directory
 * changes. Pure.
 *
 * Where a name has several holders, the entry has the answer in every rotation and gives them in turn, beginning anywhere: so each is first
 * equally often, whoever asks.
 */
import type { Directory } from './directory.ts'

/** Different questions of one client; names of ours are fewer. */
const maxQuestions = 512

export class AnswerCache<Client extends object> {
  #directory: Directory | undefined
  #byClient = new WeakMap<Client, Map<string, Entry>>()

  /** The answer under the id of the question: memory that is written to again by the next call. */
  get(message: Buffer, client: Client, directory: Directory): Buffer | undefined {
    if (directory !== this.#directory) {
      this.#directory = directory
      this.#byClient = new WeakMap()
      return undefined
    }
    return this.#byClient.get(client)?.get(keyOf(message))?.next(message)
  }

  /** @returns one of the answers, as `get` does */
  put(message: Buffer, client: Client, answers: readonly [Buffer, ...Buffer[]]): Buffer {
    const entries = this.#byClient.get(client) ?? new Map<string, Entry>()
    this.#byClient.set(client, entries)
    if (entries.size >= maxQuestions) entries.clear()
    const entry = new Entry(answers)
    entries.set(keyOf(message), entry)
    return entry.next(message)
  }
}

class Entry {
  readonly #answers: readonly [Buffer, ...Buffer[]]
  #turn: number

  constructor(answers: readonly [Buffer, ...Buffer[]]) {
    this.#answers = answers
    this.#turn = Math.floor(Math.random() * answers.length)
  }

  next(message: Buffer): Buffer {
    const answer = this.#answers[this.#turn] ?? this.#answers[0]
    this.#turn = (this.#turn + 1) % this.#answers.length
    answer[0] = message[0] ?? 0
    answer[1] = message[1] ?? 0
    return answer
  }
}

/** All but the id. */
function keyOf(message: Buffer): string {
  return message.toString('latin1', 2)
}
