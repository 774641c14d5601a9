/** The names of the plugins: those of the reference plugins, and one of our own. Apart, so that who lists them need not load them. */
export const pluginNames = ['tsnet', 'bridge', 'host-local', 'static', 'portmap', 'loopback', 'bandwidth', 'firewall', 'tuning'] as const
export type PluginName = typeof pluginNames[number]
