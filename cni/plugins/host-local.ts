/** The plugins host-local and static, called by a main plugin of somebody else. */
import { cniCodes, cniError } from '../error.ts'
import { allocateHostLocal, gcHostLocal, hasLease, releaseHostLocal, requireFree } from '../ipam/host-local.ts'
import { parseHostLocal } from '../ipam/host-local-config.ts'
import { parseStatic } from '../ipam/static.ts'
import type { Plugin } from '../plugin.ts'

export const hostLocalPlugin: Plugin = {
  async add(request, core) {
    const config = parseHostLocal(request)
    return Promise.resolve(core.write(tx => allocateHostLocal(tx, request, config)))
  },

  async del(request, core) {
    core.write(tx => { releaseHostLocal(tx, request) })
    await Promise.resolve()
  },

  async check(request, core) {
    if (!core.write(tx => hasLease(tx, request))) throw cniError(cniCodes.other, `host-local: Failed to find address added by container ${request.containerId}`)
    await Promise.resolve()
  },

  async status(request, core) {
    requireFree(core, request)
    await Promise.resolve()
  },

  async gc(request, core, valid) {
    core.write(tx => { gcHostLocal(tx, request, valid) })
    await Promise.resolve()
  },
}

export const staticPlugin: Plugin = {
  add: request => Promise.resolve(parseStatic(request)),
  del: () => Promise.resolve(),

  async status(request) {
    parseStatic(request)
    await Promise.resolve()
  },

  async check(request) {
    const wanted = parseStatic(request)
    const prev = request.prevResult
    if (prev === undefined) throw cniError(cniCodes.other, 'Required prevResult missing')
    for (const { address, gateway } of wanted.ips) {
      const found = prev.ips.find(ip => ip.address === address)
      if (found === undefined) throw cniError(cniCodes.other, `static: Failed to match addr ${address} in the result`)
      if (gateway !== undefined && found.gateway !== gateway) throw cniError(cniCodes.other, `static: Failed to match addr ${address}: its gateway is ${found.gateway}, not ${gateway}`)
    }
    await Promise.resolve()
  },
}
