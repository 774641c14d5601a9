/**
 * The firewall backend that a configuration asks for, by `backend` or `ipMasqBackend`. Which one is used is decided for the host as a whole, as rules of
 * two backends would not know of each other (`tsnet firewall`): here is only seen that there is such a one.
 */
import { type BackendName, backendNames } from '../nat/firewall.ts'
import { cniCodes, cniError } from './error.ts'
import { type JsonObject, stringOf } from './fields.ts'

/** Undefined where the configuration leaves it open. @throws codes 6 and 999 */
export function askedBackend(config: JsonObject, key: string): BackendName | undefined {
  const text = stringOf(config, key) ?? ''
  const found = backendNames.find(name => name === text)
  if (text === '' || found !== undefined) return found
  throw cniError(cniCodes.other, `unknown ${key} "${text.slice(0, 80)}": there are ${backendNames.join(' and ')}`)
}
