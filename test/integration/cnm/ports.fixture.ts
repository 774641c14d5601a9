/** Publishes ports of a sandbox and takes them back, and is killed at the kernel call that the test chose. */
import type { SandboxId } from '../../../cnm/types.ts'
import type { BackendName } from '../../../nat/firewall.ts'
import { killingObserver } from '../../helpers/faults.ts'
import { openLab } from './lab.ts'

const [root = '', runRoot = '', backend = '', id = ''] = process.argv.slice(2)
using lab = openLab({ root, runRoot, backend: backend as BackendName, observer: killingObserver() })
const port = (number: number, protocol: 'tcp' | 'udp') =>
  ({ protocol, host: { first: number, last: number }, container: { first: 80, last: 80 } }) as const
const requests = [port(9000, 'tcp'), port(9001, 'udp')]
await lab.controller.publish(id as SandboxId, requests, () => undefined)
await lab.controller.unpublish(id as SandboxId, requests)
