/** The fault law for the start: whichever system call fails, the caller is told which, and nothing is left. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import test from 'ava'
import { readFacts } from '../../../../runtime/init/facts.ts'
import { launch } from '../../../../runtime/init/launch.ts'
import { link } from '../../../../runtime/init/link.ts'
import { addressOf } from '../../../../runtime/init/program.ts'
import { buildStart } from '../../../../runtime/init/start.ts'
import { releaseEnds } from '../../../../runtime/init/started.ts'
import { createFixture, type Fixture } from './start-fixture.ts'

let fixture: Fixture
test.before(async () => { fixture = await createFixture() })
test.after.always(() => { fixture[Symbol.dispose]() })

/** exit_group, what reports a failure itself, and the read at which a dead child shows as the shim's "take the terminal". */
const cannotFail = new Set(['leave the shim alone', 'report the failure', 'give up', 'wait until it is taken'])

const EIO = 5

/** Processes, other than this one, that have a file open. */
function holders(file: string): readonly string[] {
  return readdirSync('/proc').filter(pid => /^\d+$/.test(pid) && pid !== String(process.pid)).filter(pid => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some(fd => readlinkSync(`/proc/${pid}/fd/${fd}`) === file)
    } catch {
      return false
    }
  })
}

for (const terminal of [false, true]) {
  test.serial(`any system call of a start ${terminal ? 'with' : 'without'} a terminal may fail`, async t => {
    const request = fixture.request(['true'], { spec: { process: { terminal } } })
    const facts = readFacts({ process: request.spec.process, mounts: request.spec.mounts })
    const build = () => buildStart(request, facts)
    const { records } = build()
    const at = (step: string): number => records.findIndex(record => record.step === step)
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    // After "wait for execve" the start is over; what follows up to the child's part is the end of the shim.
    const candidates = records.map((_, index) => index).filter(index => {
      const inShim = index < at('wait for execve')
      const inChild = index > at('number the report socket')
      const { step, call } = records[index]!
      return (inShim || inChild) && call !== 'compute' && !cannotFail.has(step)
    })
    let failed = 0
    for (const index of candidates) {
      const program = build()
      const { step } = records[index]!
      program.records[index] = { step, call: 'compute', args: [addressOf(program.handler), 0n, EIO] }
      const linked = link(program)
      const launched = launch(linked, { terminal, interactive: false, attached: true, keptDescriptors: [] })
      const first = await launched.conversation.started
      if (first.kind === 'failed') {
        failed += 1
        t.deepEqual([linked.recordAt(first.record)?.step, first.errno], [step, EIO])
      } else {
        await launched.conversation.exited
        launched.conversation.done()
      }
      await launched.conversation.closed
      releaseEnds(launched)
      t.deepEqual(holders(request.logPath), [], step)
    }
    t.is(readFileSync('/proc/self/mountinfo', 'utf8'), mounts)
    t.true(failed > 200, `only ${failed} failed`)
  })
}
