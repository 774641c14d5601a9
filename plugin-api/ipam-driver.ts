/** Docker's remote IpamDriver protocol on the core. */
import { TsnetError } from '../errors/error.ts'
import type { AddressSpec, ForeignRuntime } from '../cnm/foreign-api.ts'
import type { CountTurns } from './count-turns.ts'
import type { Handlers } from './requests.ts'

type IpamHandlers = { readonly [C in keyof Handlers as C extends `IpamDriver.${string}` ? C : never]: Handlers[C] }

const spaces = { LocalDefaultAddressSpace: 'TsnetLocal', GlobalDefaultAddressSpace: 'TsnetGlobal' }

export function ipamDriver({ runtime, turns }: { readonly runtime: ForeignRuntime, readonly turns: CountTurns }): IpamHandlers {
  return {
    'IpamDriver.GetCapabilities': () => {
      // dockerd asks once in its life: what it asks for a second time after this is what it has written down.
      runtime.noteStart()
      return { RequiresMACAddress: false, RequiresRequestReplay: true }
    },
    'IpamDriver.GetDefaultAddressSpaces': () => spaces,
    async 'IpamDriver.RequestPool'({ AddressSpace, Pool = '', SubPool = '', Options, V6 }) {
      const [unknown] = Object.keys(Options ?? {})
      if (unknown !== undefined) {
        throw new TsnetError('invalid-option', `read --ipam-opt "${unknown.slice(0, 80)}": the IPAM driver has no options`, { data: { option: unknown } })
      }
      const { id, cidr } = await runtime.requestPool({
        space: AddressSpace, family: V6 === true ? 6 : 4, ...Pool === '' ? {} : { subnet: Pool }, ...SubPool === '' ? {} : { ipRange: SubPool },
      })
      return { PoolID: id, Pool: cidr, Data: {} }
    },
    async 'IpamDriver.ReleasePool'({ PoolID }) {
      await runtime.releasePool(PoolID)
      return {}
    },
    async 'IpamDriver.RequestAddress'({ PoolID, Address = '', Options }) {
      return { Address: await runtime.requestAddress(PoolID, addressSpec(Address, Options ?? {})), Data: {} }
    },
    async 'IpamDriver.ReleaseAddress'({ PoolID, Address }) {
      await runtime.releaseAddress(PoolID, Address)
      turns.released(Address)
      return {}
    },
  }
}

function addressSpec(address: string, options: Readonly<Record<string, string>>): AddressSpec {
  const name = options['com.docker.network.endpoint.name']
  return {
    ...address === '' ? {} : { address }, ...name === undefined ? {} : { name },
    ...options['RequestAddressType'] === 'com.docker.network.gateway' ? { gateway: true } : {},
  }
}
