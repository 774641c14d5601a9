/** `-e`, `--env-file` and labels, by Docker's rules. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { parseEnvironment, parsePairs, readEnvironmentFile } from '../../../../cli/parse/environment.ts'

const own = { HOME: '/root', EMPTY: '' }

for (const [text, expected] of [
  ['A=1', ['A=1']], ['A=', ['A=']], ['A=b=c', ['A=b=c']], ['A= x ', ['A= x ']], ['HOME', ['HOME=/root']], ['EMPTY', ['EMPTY=']], ['UNSET', []],
] as const) {
  test(`-e "${text}"`, t => {
    t.deepEqual<unknown, unknown>(parseEnvironment(text, own), expected)
  })
}

for (const text of ['', '=x']) {
  test(`-e "${text}" is refused`, t => {
    t.throws(() => parseEnvironment(text, own), { code: 'invalid-argument', message: `environment "${text}": the name is missing; example: KEY=VALUE` })
  })
}

function inFile<T>(text: string | Buffer, act: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-env-'))
  try {
    writeFileSync(join(folder, 'env'), text)
    return act(join(folder, 'env'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('an environment file has comments, blank lines, values with spaces, quotes that stay, and names taken from the outside', t => {
  const text = '\ufeff# comment\n\nA=1\n  B=two words  \r\n\t# indented\nC="quoted"\nHOME\nUNSET\nD=a#b\nE=\n'
  t.deepEqual(inFile(text, path => readEnvironmentFile(path, own)),
    ['A=1', 'B=two words  ', 'C="quoted"', 'HOME=/root', 'D=a#b', 'E='])
})

test('a bad line of an environment file is told with its number', t => {
  inFile('A=1\nno name=2\n', path => {
    t.throws(() => readEnvironmentFile(path, own), { code: 'invalid-argument', message: `environment file "${path}", line 2: "no name" is no variable name` })
  })
  inFile('=2\n', path => {
    t.throws(() => readEnvironmentFile(path, own), { code: 'invalid-argument', message: /line 1: "" is no variable name/ })
  })
})

test('an environment file that is not UTF-8 is refused', t => {
  inFile(Buffer.from([0x41, 0x3d, 0xff, 0x0a]), path => {
    t.throws(() => readEnvironmentFile(path, own), { code: 'invalid-argument', message: `read environment file "${path}": it is not UTF-8` })
  })
})

test('an environment file that cannot be read is told with the reason', t => {
  t.throws(() => readEnvironmentFile('/nowhere/env', own), { code: 'invalid-argument', message: 'read environment file "/nowhere/env": there is no such file or folder' })
  t.throws(() => readEnvironmentFile('/', own), { code: 'invalid-argument', message: 'read environment file "/": it is a directory' })
})

test('labels are pairs, a bare name has an empty value, and the last of a name wins', t => {
  t.deepEqual(parsePairs(['a=1', 'b', 'c=d=e', 'a=2'], 'label'), { a: '2', b: '', c: 'd=e' })
  t.throws(() => parsePairs(['=x'], 'label'), { code: 'invalid-argument', message: 'label "=x": the name is missing; example: KEY=VALUE' })
})
