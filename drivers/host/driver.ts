/** Driver host: the container uses the network stack of the host itself, so there is nothing to make. Pure. */
import type { Driver } from '../../cnm/driver.ts'

export const hostDriver: Driver = {
  name: 'host',
  parseOptions: () => undefined,
  networkObjects: () => [],
  sandboxObjects: () => [],
  endpointObjects: () => [],
}
