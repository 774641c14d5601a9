/** The plugin loopback: `lo` of a container, up. Source: containernetworking/plugins, plugins/main/loopback. */
import { isLoopback } from '../../address/ip.ts'
import { parseInterfaceAddress } from '../../address/cidr.ts'
import type { CniCore } from '../core.ts'
import { cniCodes, cniError } from '../error.ts'
import { hasNetns, insideNetns, requireNetns } from '../netns.ts'
import type { Plugin } from '../plugin.ts'
import type { Request } from '../request.ts'
import type { CniResult } from '../result.ts'

/** Whatever CNI_IFNAME says. */
const name = 'lo'

export const loopbackPlugin: Plugin = {
  async add(request, core) {
    const path = requireNetns(core, request)
    const addresses = insideNetns(core.kernel, path, rtnetlink => {
      rtnetlink.setLink(name, { up: true })
      const index = rtnetlink.getIndex(name)
      return ([4, 6] as const).flatMap(family => rtnetlink.addresses(family, index)).map(({ cidr }) => cidr)
    })
    const foreign = addresses.find(cidr => !isLoopback(parseInterfaceAddress(cidr).ip))
    if (foreign !== undefined) throw cniError(cniCodes.other, `loopback interface found with non-loopback address "${foreign}"`)
    return Promise.resolve(request.prevResult ?? resultOf(request, addresses))
  },

  async del(request, core) {
    if (hasNetns(core, request)) setDown(core, request)
    await Promise.resolve()
  },

  async check(request, core) {
    const isUp = insideNetns(core.kernel, requireNetns(core, request), rtnetlink => rtnetlink.findLink(name)?.up)
    if (isUp !== true) throw cniError(cniCodes.other, 'loopback interface is down')
    await Promise.resolve()
  },
}

function setDown(core: CniCore, request: Request): void {
  insideNetns(core.kernel, core.netnsOf(request), rtnetlink => { rtnetlink.setLink(name, { up: false }) })
}

function resultOf({ netns }: Request, addresses: readonly string[]): CniResult {
  return {
    interfaces: [{ name, mac: '00:00:00:00:00:00', sandbox: netns }],
    ips: addresses.map(address => ({ interface: 0, address })), routes: [], dns: {},
  }
}
