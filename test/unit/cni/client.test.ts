/** The thin client: the same list of calls on both architectures, and run on both: without a server it becomes the standalone executable. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { clientImage, clientProgram } from '../../../cni/client/program.ts'
import { requires } from '../../helpers/requires.ts'

const options = { socket: '/run/tsnet/cni.sock', standalone: '/opt/tsnet/bin/tsnet-cni' }

test('both architectures have the same calls in the same order', t => {
  const steps = (architecture: 'x64' | 'arm64') => clientProgram(architecture, options).records.map(({ step, call }) => `${call} ${step}`)
  t.deepEqual(steps('x64'), steps('arm64'))
  t.true(steps('x64').length < 120)
})

test('the path of a socket that no address can hold is refused', t => {
  t.throws(() => clientImage('x64', { ...options, socket: `/${'x'.repeat(107)}` }), { instanceOf: RangeError })
})

for (const [architecture, emulator] of [['x64', []], ['arm64', ['qemu-aarch64']]] as const) {
  test(`${architecture}: without a server it hands name, environment and configuration to the standalone executable`, t => {
    const [tool] = emulator
    if (tool !== undefined && !requires.tool(t, tool)) return
    if (tool === undefined && process.arch !== architecture) {
      t.pass()
      return
    }
    const folder = mkdtempSync(join(tmpdir(), 'tsnet-client-'))
    const [client, standalone] = [join(folder, 'bridge'), join(folder, 'standalone')]
    writeFileSync(standalone, '#!/bin/sh\necho "$1|$CNI_COMMAND|$CNI_NETNS|$EMPTY|$LAST|$(cat)"\n')
    writeFileSync(client, clientImage(architecture, { socket: join(folder, 'none.sock'), standalone }))
    for (const path of [client, standalone]) chmodSync(path, 0o755)
    const call = (env: Readonly<Record<string, string>>, input: string): string =>
      execFileSync(emulator[0] ?? client, emulator.length > 0 ? [client] : [], { encoding: 'utf8', input, env: { PATH: process.env.PATH, ...env } })
    t.is(call({ CNI_NETNS: '/nowhere', CNI_COMMAND: 'ADD', EMPTY: '', LAST: 'x=y' }, '{"name":"ä"}'), `${client}|ADD|/nowhere||x=y|{"name":"ä"}\n`)
    t.is(call({ CNI_COMMAND: 'DEL', LAST: 'z'.repeat(30_000) }, 'c'.repeat(200_000)), `${client}|DEL|||${'z'.repeat(30_000)}|${'c'.repeat(200_000)}\n`)
    t.is(call({ CNI_COMMAND: 'VERSION' }, ''), `${client}|VERSION||||\n`)
    writeFileSync(standalone, '#!/bin/sh\necho "$*"\n')
    const roots = { root: '/var/lib/other', runRoot: '/run/other' }
    writeFileSync(client, clientImage(architecture, { socket: join(folder, 'none.sock'), standalone, roots }))
    t.is(call({ CNI_COMMAND: 'DEL', TSNET_ROOT: '/elsewhere' }, '{}'), `${client} /var/lib/other /run/other\n`, 'the state that it was installed for')
    rmSync(folder, { recursive: true })
  })
}
