import test from 'ava'
import type { ForeignRuntime } from '../../../cnm/foreign-api.ts'
import type { CountTurns } from '../../../plugin-api/count-turns.ts'
import { networkDriver } from '../../../plugin-api/network-driver.ts'

test('what is so for the ports of all containers is told with the first', async t => {
  const lines: string[] = []
  const publish = async (id: string): Promise<readonly string[]> => ['ports cannot be reached at [::1]', ...id === 'b' ? ['of b alone'] : []]
  const handlers = networkDriver({
    runtime: { publish } as unknown as ForeignRuntime, turns: {} as unknown as CountTurns, warn: line => lines.push(line), changed: () => undefined,
  })
  for (const EndpointID of ['a', 'b', 'a']) await handlers['NetworkDriver.ProgramExternalConnectivity']({ NetworkID: 'n', EndpointID })
  t.deepEqual(lines, ['warning: ports cannot be reached at [::1]', 'warning: of b alone'])
})
