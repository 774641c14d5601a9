/**
 * What `ps`, `inspect`, `port` and `network` print, compared with files: Docker's columns, field names and shapes.
 *
 * `UPDATE_GOLDEN=1` writes them anew: read the difference before committing it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { dispatch } from '../../../cli/dispatch.ts'
import { containerRow } from '../../../cli/output/container-row.ts'
import type { NetworkController } from '../../../cnm/controller-api.ts'
import type { Engine } from '../../../engine/open.ts'
import { TsnetError } from '../../../errors/error.ts'
import type { ContainerDetails, ContainerService } from '../../../runtime/container-service-api.ts'
import { FakeCli } from '../../unit/cli/fake-cli.ts'
import { bare, details, ended, endpoint, network, now } from '../../unit/cli/fixtures.ts'

const folder = join(import.meta.dirname, 'output')

const containers: Readonly<Record<string, ContainerDetails>> = { web: details, ended, bare }
const engine: Partial<Engine> = {
  containers: {
    details: (ref: string) => containers[ref] === undefined
      ? Promise.reject(new TsnetError('container-not-found', `find container "${ref}": there is none of that name or id`))
      : Promise.resolve(containers[ref]),
  } as Partial<ContainerService> as ContainerService,
  controller: {
    listNetworks: () => [network], listEndpoints: () => [endpoint], networkWarnings: () => Promise.resolve([]),
    getNetwork: (ref: string) => {
      if (ref === network.name) return network
      throw new TsnetError('network-not-found', `find network "${ref}": there is none of that name or id`)
    },
  } as Partial<NetworkController> as NetworkController,
}

async function printed(...words: readonly string[]): Promise<string> {
  const cli = new FakeCli(engine)
  await dispatch(words, cli)
  return `${cli.printed.join('\n')}\n`
}

const cases: Readonly<Record<string, () => Promise<string>>> = {
  'inspect-running.json': () => printed('inspect', 'web'),
  'inspect-ended.json': () => printed('inspect', 'ended'),
  'inspect-host-rootfs.json': () => printed('inspect', 'bare'),
  'network-inspect.json': () => printed('network', 'inspect', 'blue'),
  'network-ls.txt': () => printed('network', 'ls'),
  'port.txt': () => printed('port', 'web'),
  'ps-rows.json': () => Promise.resolve(`${JSON.stringify([details, ended, bare].map(one => containerRow(one, { nowMs: now, truncate: true })), null, 2)}\n`),
}

for (const [file, print] of Object.entries(cases)) {
  test(`output is that of ${file}`, async t => {
    const path = join(folder, file)
    const text = await print()
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, text)
    t.is(text, readFileSync(path, 'utf8'))
  })
}
