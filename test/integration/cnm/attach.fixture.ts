/** One process that gives a container the default network, prints the address and is gone; the sandbox stays. */
import { newSandboxId, openLab } from './lab.ts'

const [root = '', runRoot = '', name = ''] = process.argv.slice(2)
using lab = openLab({ root, runRoot, backend: 'nftables' })
await lab.controller.recover()
const { endpoints } = await lab.controller.createSandbox({ id: newSandboxId(), mode: 'bridge',
  endpoints: [{ network: 'bridge', name }] })
console.log(endpoints[0]?.endpoint.addresses[0]?.cidr)
