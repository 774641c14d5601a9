/**
 * Options of an endpoint on a bridge: under Docker's names the interface's name, and settings of the interface; under our own, its bandwidth.
 * The only place that knows their spelling. Pure. Source: moby daemon/libnetwork/netlabel.
 */
import type { EndpointOptions } from '../../cnm/driver.ts'
import { TsnetError } from '../../errors/error.ts'
import { readBandwidth } from './bandwidth.ts'
import { nearestName } from './nearest-name.ts'
import { isLinkName } from './option-table.ts'

const ifname = 'com.docker.network.endpoint.ifname'
const sysctls = 'com.docker.network.endpoint.sysctls'
const ingress = 'tsnet.bandwidth.ingress'
const egress = 'tsnet.bandwidth.egress'
const known = [ifname, sysctls, ingress, egress]
/** Those of one interface only; what concerns the whole namespace is not an endpoint's to change. */
const settingPattern = /^net\.(ipv4|ipv6|mpls)\.(conf|neigh)\.IFNAME\.[a-z0-9_]+$/

/** @throws invalid-option for an unknown name, with the nearest known one, or a bad value */
export function parseEndpointOptions(options: Readonly<Record<string, string>>): EndpointOptions {
  const unknown = Object.keys(options).find(name => !known.includes(name))
  if (unknown !== undefined) {
    const nearest = nearestName(unknown, known)
    throw new TsnetError('invalid-option',
      `read option "${unknown.slice(0, 80)}": an endpoint has no such option; the nearest is "${nearest}"`,
      { data: { option: unknown, nearest } })
  }
  const name = options[ifname]
  if (name !== undefined && (!isLinkName(name) || name === 'lo')) {
    throw invalid(ifname, name, 'the name of a link has 1 to 15 letters, digits, dots, dashes or underscores, and is not lo')
  }
  return {
    ...name === undefined ? {} : { interfaceName: name }, sysctls: parseSettings(options[sysctls]),
    ...bandwidthOf('ingress', ingress, options), ...bandwidthOf('egress', egress, options),
  }
}

function bandwidthOf(direction: 'ingress' | 'egress', name: string, options: Readonly<Record<string, string>>): Partial<EndpointOptions> {
  const text = options[name]
  if (text === undefined) return {}
  const bandwidth = readBandwidth(text)
  if (typeof bandwidth === 'string') throw invalid(name, text, bandwidth)
  return { [direction]: bandwidth }
}

/** `net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.conf.IFNAME.accept_ra=2` */
function parseSettings(text: string | undefined): EndpointOptions['sysctls'] {
  if (text === undefined) return []
  return text.split(',').map(setting => {
    const [, key = '', value = ''] = /^([^=]*)=(.+)$/.exec(setting.trim()) ?? []
    if (!settingPattern.test(key)) {
      throw invalid(sysctls, setting, 'a setting is net.ipv4|ipv6|mpls.conf|neigh.IFNAME.NAME=VALUE, with the word IFNAME as it is')
    }
    return { key: key.replaceAll('.', '/'), value }
  })
}

function invalid(option: string, value: string, reason: string): TsnetError {
  return new TsnetError('invalid-option', `read option "${option}" with value "${value.slice(0, 80)}": ${reason}`,
    { data: { option, value } })
}
