/** Makes a network and a sandbox on it, and is killed at the kernel call that the kill loop asks for. */
import { killingObserver } from '../../helpers/faults.ts'
import { newSandboxId, openLab } from './lab.ts'

const [root = '', runRoot = '', backend = ''] = process.argv.slice(2)
using lab = openLab({ root, runRoot, backend: backend === 'nftables' ? 'nftables' : 'iptables', observer: killingObserver() })
await lab.controller.createNetwork({ name: 'blue', enableIPv6: true })
const ports = [{ protocol: 'tcp', host: { first: 8080, last: 8080 }, container: { first: 80, last: 80 } }] as const
const { heldPorts } = await lab.controller.createSandbox({ id: newSandboxId(), mode: 'bridge',
  endpoints: [{ network: 'blue', name: 'web', ports }] })
lab.ports.release(heldPorts)
