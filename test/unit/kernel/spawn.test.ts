/** Programs started without a fork: a shell, which is told by its standard input what to find out. */
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { isErrno } from '../../../kernel/error.ts'
import { spawnAndReap } from '../../../kernel/spawn.ts'

interface Shell { readonly newSession?: boolean, readonly path?: string, readonly more?: ReadonlyMap<number, number> }

/** What the script prints. */
function shell(t: ExecutionContext, script: string, { more = new Map(), path = '/bin/sh', ...options }: Shell = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'tsnet-spawn-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'script'), script)
  const [input, output] = [openSync(join(folder, 'script'), 'r'), openSync(join(folder, 'output'), 'w')]
  try {
    spawnAndReap({ path, argv: ['name'], descriptors: new Map([[0, input], [1, output], ...more]), ...options })
  } finally {
    closeSync(input)
    closeSync(output)
  }
  return readFileSync(join(folder, 'output'), 'utf8')
}

test('a program has its name, an empty environment, and is over when the call returns', t => {
  t.is(shell(t, 'echo $0; /usr/bin/env | grep -v "^PWD=\\|^_=\\|^SHLVL="; sleep 0.05; echo end'), 'name\nend\n')
  t.is(readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8'), '')
})

test('a program has standard signal dispositions, though Node ignores SIGPIPE', t => {
  t.regex(readFileSync('/proc/self/status', 'utf8'), /^SigIgn:\t[0-9a-f]{12}[1-9a-f]000$/m)
  t.is(shell(t, 'grep SigIgn /proc/self/status'), 'SigIgn:\t0000000000000000\n')
})

test('descriptors that are each other\'s numbers are not mixed up, and none stays open', t => {
  const files = ['/proc/self/status', '/proc/self/limits'].map(file => openSync(file, 'r'))
  const [a = 0, b = 0] = files
  const before = readdirSync('/proc/self/fd')
  const links = shell(t, `readlink /proc/$$/fd/${a} /proc/$$/fd/${b}`, { more: new Map([[a, b], [b, a]]) })
  t.deepEqual(links.trim().split('\n').map(link => link.split('/').at(-1)), ['limits', 'status'])
  t.deepEqual(readdirSync('/proc/self/fd'), before)
  for (const fd of files) closeSync(fd)
})

test('a session of its own is one', t => {
  const sessionIsOwn = 'set -- $(cat /proc/$$/stat); [ $6 = $$ ] && echo own || echo shared'
  t.is(shell(t, sessionIsOwn, { newSession: true }), 'own\n')
  t.is(shell(t, sessionIsOwn), 'shared\n')
})

test('a program that is not there is the error of execve', t => {
  t.true(isErrno(t.throws(() => shell(t, '', { path: '/nowhere/sh' })), 'ENOENT'))
  t.true(isErrno(t.throws(() => shell(t, '', { path: '/etc/passwd' })), 'EACCES'))
})
