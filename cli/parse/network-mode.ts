/** `--network`: bridge, none, host, container:NAME|ID, or the name of a network. */
import { TsnetError } from '../../errors/error.ts'
import type { NetworkMode } from '../../runtime/types.ts'

/** `default` is Docker's other word for bridge. @throws invalid-argument */
export function parseNetworkMode(text: string): NetworkMode {
  if (text === '') throw new TsnetError('invalid-argument', '--network: the name is empty; examples: bridge, none, host, container:web, blue')
  if (text === 'none' || text === 'host') return { mode: text }
  if (text === 'default') return { mode: 'bridge', network: 'bridge' }
  if (!text.startsWith('container:')) return { mode: 'bridge', network: text }
  const container = text.slice('container:'.length)
  if (container === '') throw new TsnetError('invalid-argument', '--network container: needs a container, as in container:web')
  return { mode: 'container', container }
}
