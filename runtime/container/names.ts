/** Random names for containers that were given none: an adjective and a surname of someone who moved packets, words or minds. */
import { randomBelow } from '../../kernel/random.ts'

const adjectives = `able agile amber ample azure bold brave breezy bright brisk calm candid clever cosmic crisp curious
  daring deft eager earnest fair fleet fond frank gentle glad golden happy hardy honest humble jolly keen kind lively loyal
  lucid merry mild modest neat nimble noble patient placid plucky polite prompt proud quick quiet rapid ready robust serene
  sharp shy silent simple sincere smart smooth snappy solid steady stoic sturdy sunny swift tender thrifty tidy tranquil
  upbeat vivid warm wise witty zesty`.split(/\s+/)

const surnames = `abbate babbage bartik baran berners boole borg cerf clark clarke codd crocker davies deering dijkstra
  elion engelbart estrin feinler floyd franklin goldberg hamilton hamming hopper huffman iverson jacobson johnson kahn
  karels kay kernighan kleinrock knuth lamarr lampson lamport licklider liskov lovelace mauchly mccarthy meitner metcalfe
  milner minsky mockapetris nagle noether nygaard perlman postel reynolds ritchie roberts shannon sutherland tarjan thompson
  tomlinson turing wilkes wirth wozniak zuse`.split(/\s+/)

/** `attempt` n > 0 adds a digit, as Docker does when a name is taken. */
export function randomName(attempt: number): string {
  const name = `${pick(adjectives)}_${pick(surnames)}`
  return attempt > 0 ? `${name}${randomBelow(10)}` : name
}

function pick(words: readonly string[]): string {
  return words[randomBelow(words.length)] ?? 'plain'
}
