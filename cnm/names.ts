/** Names: what users may call things, and what tsnet calls links. */
import { TsnetError } from '../errors/error.ts'
import type { EndpointId } from './types.ts'

/** Name of the network that containers get without --network. */
export const defaultNetworkName = 'bridge'

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/
const maximumLength = 255

/** @throws invalid-name */
export function checkName(noun: string, name: string): void {
  if (namePattern.test(name) && name.length <= maximumLength) return
  throw new TsnetError('invalid-name',
    `create ${noun} "${name.slice(0, 80)}": a name begins with a letter or digit, and has only these, `
    + `"_", "." and "-", ${maximumLength} at most`)
}

/** What the other end is called until another runtime moves it into its sandbox. */
export function foreignInterfaceName(id: EndpointId): string {
  return `tc${id.slice(0, 10)}`
}

/** The host's end of an endpoint: 12 of the 15 characters that the kernel allows. */
export function hostInterfaceName(id: EndpointId): string {
  return `ts${id.slice(0, 10)}`
}
