/**
 * The fault law for a whole container: the command line is killed at every call of its parts, and nothing is left once others
 * looked.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { killEveryCall } from '../../../helpers/faults.ts'
import { requires } from '../../../helpers/requires.ts'
import { assertNoResidue } from '../../../helpers/snapshot.ts'
import { createRoots } from '../../../helpers/tsnet.ts'
import { busyboxRoot, eventually, fixture, openContainers, ownSnapshot } from './host.ts'

/** Empty folders stay; the lock file of a dead process goes when somebody asks for its owner. */
const except = [/ fds: /, /files: .*\/(owners|volumes|containers)\/$/, /\/owners\//, /made-cgroups/]

test.serial('a detached run that is killed at any call leaves nothing, or a container that can be removed', async t => {
  if (!requires.root(t)) return
  t.timeout(120_000)
  using roots = createRoots()
  Object.assign(process.env, roots.env)
  const rootfs = await busyboxRoot(roots)
  using containers = openContainers(roots)
  const { service } = containers
  // The mount targets, which are made in a folder of the user's where it lacks them.
  mkdirSync(join(rootfs, 'data'))
  for (const name of ['hostname', 'hosts', 'resolv.conf']) writeFileSync(join(rootfs, 'etc', name), '')
  const folders = [roots.root, roots.runRoot]
  const before = await ownSnapshot(roots, folders)
  const verify = async (): Promise<void> => {
    await service.recover()
    for (const record of service.list({ all: true })) {
      t.is(record.status, 'running')
      await service.remove(record.id, { force: true, volumes: true })
    }
    await eventually(async () => assertNoResidue(before, await ownSnapshot(roots, folders), { except }))
  }
  const calls = await killEveryCall({ program: fixture('run.fixture.ts'), env: { ROOTFS: rootfs, DETACH: '1' }, verify })
  t.true(calls >= 14, `${calls} calls`)
  await verify()
})
