/** A fake host with the image `busybox`, for the tests of the command line. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { busyboxTar } from '../../helpers/busybox-image.ts'
import { FakeHost } from '../../helpers/fake-host.ts'

/** @throws when the image cannot be imported */
export async function hostWithBusybox(): Promise<FakeHost> {
  const host = await FakeHost.create()
  const archive = join(host.roots.runRoot, 'busybox.tar')
  await busyboxTar(archive)
  const { status, stderr } = await host.tsnet('image', 'import', archive, 'busybox')
  rmSync(archive)
  if (status !== 0) throw new Error(stderr)
  return host
}
