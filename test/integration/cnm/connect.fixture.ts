/** Connects a sandbox to a network and disconnects it, and is killed at the kernel call that the test chose. */
import type { SandboxId } from '../../../cnm/types.ts'
import type { BackendName } from '../../../nat/firewall.ts'
import { killingObserver } from '../../helpers/faults.ts'
import { openLab } from './lab.ts'
import { richEndpoint } from './rich-endpoint.ts'

const [root = '', runRoot = '', backend = '', id = ''] = process.argv.slice(2)
using lab = openLab({ root, runRoot, backend: backend as BackendName, observer: killingObserver() })
await lab.controller.connect(id as SandboxId, richEndpoint)
await lab.controller.disconnect(id as SandboxId, 'blue')
