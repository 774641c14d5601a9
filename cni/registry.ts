/** The plugins by their names, which are those of the reference plugins, and one of our own. */
import { bandwidthPlugin } from './bandwidth/plugin.ts'
import { bridgePlugin } from './bridge/plugin.ts'
import { firewallPlugin } from './firewall/plugin.ts'
import type { Plugin } from './plugin.ts'
import { type PluginName, pluginNames } from './plugin-names.ts'
import { hostLocalPlugin, staticPlugin } from './plugins/host-local.ts'
import { loopbackPlugin } from './plugins/loopback.ts'
import { tsnetPlugin } from './plugins/tsnet.ts'
import { portmapPlugin } from './portmap/plugin.ts'
import { tuningPlugin } from './tuning/plugin.ts'

const plugins: Readonly<Record<PluginName, Plugin>> = {
  'tsnet': tsnetPlugin, 'bridge': bridgePlugin, 'host-local': hostLocalPlugin, 'static': staticPlugin, 'portmap': portmapPlugin,
  'loopback': loopbackPlugin, 'bandwidth': bandwidthPlugin, 'firewall': firewallPlugin, 'tuning': tuningPlugin,
}

export function findPlugin(name: string): Plugin | undefined {
  const known = pluginNames.find(each => each === name)
  return known === undefined ? undefined : plugins[known]
}
