/** The demonstration's image: busybox, and a page that tells each client its address. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { busyboxTar } from '../../test/helpers/busybox-image.ts'
import type { Stage } from './stage.ts'

const WHO = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
echo "$(hostname) sees $REMOTE_ADDR"
`

/** The command that serves the page on port 80. */
export const WEB_SERVER = ['httpd', '-f', '-p', '80', '-h', '/www'] as const
export const PAGE = 'cgi-bin/who'

export async function importImage(stage: Stage): Promise<void> {
  const archive = join(stage.host.roots.runRoot, 'busybox.tar')
  await busyboxTar(archive, { [`www/${PAGE}`]: WHO })
  await stage.tsnet('image', 'import', archive, 'busybox')
  rmSync(archive)
}
