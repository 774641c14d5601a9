/** Takes one port out of a published range, and is killed at the kernel call that the test chose. */
import type { SandboxId } from '../../../cnm/types.ts'
import type { BackendName } from '../../../nat/firewall.ts'
import { killingObserver } from '../../helpers/faults.ts'
import { openLab } from './lab.ts'

const [root = '', runRoot = '', backend = '', id = ''] = process.argv.slice(2)
using lab = openLab({ root, runRoot, backend: backend as BackendName, observer: killingObserver() })
const port = { first: 84, last: 84 }
await lab.controller.unpublish(id as SandboxId, [{ protocol: 'udp', host: port, container: port }])
