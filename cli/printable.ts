/** Text for a terminal: what names, arguments and images may contain must not move its cursor, nor make two lines of one. */

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Control characters as Go's `%q` writes them: `\n`, `\x1b`. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, character => escapes[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
