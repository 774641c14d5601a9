/** Starting the resolver where that goes wrong: said in a sentence, and nothing is left. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { instanceState } from '../../../../dns/instance.ts'
import { NameService } from '../../../../engine/resolver/service.ts'
import { requires } from '../../../helpers/requires.ts'

test.serial('a resolver that cannot be started is a warning, and no watcher stays', async t => {
  if (!requires.root(t)) return
  const folder = mkdtempSync('/run/service-')
  mkdirSync(join(folder, 'root'))
  const roots = { root: join(folder, 'root'), runRoot: folder }
  const names = new NameService(roots, [join(folder, 'nothing')], () => ({ v1: [] }))
  names.start()
  t.deepEqual(await names.listening(['10.0.0.1']), [`names of containers are not resolved: the resolver does not start (see ${folder}/resolver.log)`])
  for (const deadline = Date.now() + 10_000; instanceState(folder).state !== 'dead';) {
    if (Date.now() > deadline) throw new Error('somebody has the lock')
    await sleep(20)
  }
  await names.ended()
  t.deepEqual(instanceState(folder), { state: 'absent' })
  rmSync(folder, { recursive: true })
})
