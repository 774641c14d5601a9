/**
 * Driver container: the container joins the namespace of another sandbox, which is owned by that one. Nothing to make, and
 * nothing to remove when the guest goes first. Pure.
 */
import type { Driver } from '../../cnm/driver.ts'

export const containerDriver: Driver = {
  name: 'container',
  parseOptions: () => undefined,
  networkObjects: () => [],
  sandboxObjects: () => [],
  endpointObjects: () => [],
}
