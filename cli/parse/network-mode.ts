/** `--network`: bridge, none, host, container:NAME|ID, the name of a network, or Docker's long form; several times for several networks. */
import { TsnetError } from '../../errors/error.ts'
import type { EndpointSettings, NetworkMode } from '../../runtime/types.ts'
import { isLongForm, parseLongForm } from './endpoint-settings.ts'

/** What `--ip` and its like say, of the first network. */
export type FirstEndpoint = Omit<EndpointSettings, 'network'>

/** `default` is Docker's other word for bridge. @throws invalid-argument */
export function parseNetworkMode(text: string): NetworkMode {
  if (text === '') throw new TsnetError('invalid-argument', '--network: the name is empty; examples: bridge, none, host, container:web, blue')
  if (isLongForm(text)) {
    const settings = parseLongForm(text)
    if (['host', 'none'].includes(settings.network) || settings.network.startsWith('container:')) {
      throw new TsnetError('conflicting-options', `--network "${text}": ${settings.network} has no such settings; write --network ${settings.network}`)
    }
    return { mode: 'bridge', network: settings.network, endpoints: [settings] }
  }
  if (text === 'none' || text === 'host') return { mode: text }
  if (text === 'default') return { mode: 'bridge', network: 'bridge' }
  if (!text.startsWith('container:')) return { mode: 'bridge', network: text }
  const container = text.slice('container:'.length)
  if (container === '') throw new TsnetError('invalid-argument', '--network container: needs a container, as in container:web')
  return { mode: 'container', container }
}

/** What makes sense on a network of the container's own alone. */
const ownLink = [
  ['aliases', '--network-alias', 'names'], ['driverOptions', '--bandwidth', 'link'], ['linkLocal', '--link-local-ip', 'link'],
] as const

/** All of a container's networks. @throws invalid-argument, conflicting-options */
export function parseNetworkModes(texts: readonly string[], first: FirstEndpoint): NetworkMode {
  const [mode = { mode: 'bridge', network: 'bridge' }, ...more] = texts.map(parseNetworkMode) as readonly NetworkMode[]
  const isPlain = mode.mode !== 'bridge' || more.length === 0 && mode.endpoints === undefined && ownLink.every(([key]) => first[key] === undefined)
  const alone = [mode, ...more].find(one => one.mode !== 'bridge')
  if (alone !== undefined && more.length > 0) {
    throw new TsnetError('conflicting-options', `--network ${alone.mode}: it excludes any other network`)
  }
  const [, flag, lacking] = ownLink.find(([key]) => first[key] !== undefined) ?? []
  if (alone !== undefined && flag !== undefined) {
    throw new TsnetError('conflicting-options', `${flag}: a container with --network ${alone.mode} has no ${lacking} of its own`)
  }
  if (isPlain) return mode
  const [main = { network: mode.network }, ...others] = [mode, ...more].flatMap(one => one.mode !== 'bridge' ? []
    : one.endpoints ?? [{ network: one.network }])
  return { mode: 'bridge', network: mode.network, endpoints: [merge(main, first), ...others] }
}

const flagOf: Readonly<Record<keyof FirstEndpoint, string>> = {
  ip: '--ip', ip6: '--ip6', mac: '--mac-address', aliases: '--network-alias', gwPriority: 'gw-priority', driverOptions: 'driver-opt', linkLocal: '--link-local-ip',
}

/** @throws conflicting-options where both say the same */
function merge(settings: EndpointSettings, first: FirstEndpoint): EndpointSettings {
  for (const key of ['ip', 'ip6', 'mac', 'aliases', 'linkLocal'] as const) {
    if (settings[key] === undefined || first[key] === undefined) continue
    throw new TsnetError('conflicting-options', `${flagOf[key]}: --network name=${settings.network},… says it as well`)
  }
  const twice = Object.keys(first.driverOptions ?? {}).find(name => settings.driverOptions?.[name] !== undefined)
  if (twice !== undefined) throw new TsnetError('conflicting-options', `--bandwidth: --network name=${settings.network},… says it as well`)
  const driverOptions = { ...settings.driverOptions, ...first.driverOptions }
  return { ...settings, ...first, ...Object.keys(driverOptions).length === 0 ? {} : { driverOptions } }
}
