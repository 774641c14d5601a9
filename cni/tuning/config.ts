/**
 * The configuration of the plugin tuning: settings of the container's namespace and attributes of its interface. Pure.
 * Source: containernetworking/plugins, plugins/meta/tuning/main.go.
 */
import { posix } from 'node:path'
import { canonicalMac } from '../../address/mac.ts'
import type { LinkAttributes } from '../attachment.ts'
import { cniCodes, cniError } from '../error.ts'
import { booleanOf, integerOf, objectOf, stringOf } from '../fields.ts'
import { argumentsOf, type Request } from '../request.ts'

export interface TuningConfig {
  /** Keys with slashes, below net/. */
  readonly sysctls: readonly { readonly key: string, readonly value: string }[]
  readonly attributes: LinkAttributes
}

/** `allowed`: the patterns of the administrator; absent: everything. @throws codes 4, 6 and 999 */
export function parseTuning(request: Request, allowed?: readonly RegExp[]): TuningConfig {
  const { config } = request
  const args = objectOf(objectOf(config, 'args') ?? {}, 'cni') ?? {}
  const { MAC } = argumentsOf(request, ['MAC'])
  const mac = [stringOf(args, 'mac'), stringOf(objectOf(config, 'runtimeConfig') ?? {}, 'mac'), stringOf(config, 'mac'), MAC].find(each => each !== undefined && each !== '')
  const mtu = integerOf(args, 'mtu') ?? integerOf(config, 'mtu')
  const promisc = booleanOf(args, 'promisc') ?? booleanOf(config, 'promisc')
  const allmulti = booleanOf(args, 'allmulti') ?? booleanOf(config, 'allmulti')
  const txQueueLength = integerOf(args, 'txQLen') ?? integerOf(config, 'txQLen')
  return {
    sysctls: sysctlsOf(request, allowed),
    attributes: {
      ...mac === undefined ? {} : { mac: canonicalMac(mac) }, ...mtu === undefined || mtu === 0 ? {} : { mtu },
      ...promisc === undefined ? {} : { promisc }, ...allmulti === undefined ? {} : { allmulti },
      ...txQueueLength === undefined ? {} : { txQueueLength },
    },
  }
}

function sysctlsOf({ config, ifname }: Request, allowed: readonly RegExp[] | undefined): TuningConfig['sysctls'] {
  const own = Object.entries(objectOf(config, 'sysctl') ?? {})
  const asked = Object.entries(objectOf(objectOf(objectOf(config, 'args') ?? {}, 'cni') ?? {}, 'sysctl') ?? {})
  return [...new Map([...own, ...asked])].map(([name, value]) => {
    if (typeof value !== 'string') throw cniError(cniCodes.decodingFailure, `read network configuration: sysctl "${name.slice(0, 80)}" must be a string`)
    if (allowed !== undefined && !allowed.some(pattern => pattern.test(name))) throw cniError(cniCodes.other, `Sysctl ${name.slice(0, 80)} is not allowed. Only sysctls of the allowlist are`)
    const key = posix.normalize(name.replaceAll('.', '/')).replace('IFNAME', ifname)
    if (!/^net\/[^\0]+$/.test(key) || key.split('/').includes('..')) throw cniError(cniCodes.other, `invalid net sysctl key: "${name.slice(0, 80)}"`)
    return { key, value }
  })
}
