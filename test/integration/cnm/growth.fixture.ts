/** Adds a member to a network that grows by it, and is killed at the kernel call that the test chose. */
import type { SandboxId } from '../../../cnm/types.ts'
import { killingObserver } from '../../helpers/faults.ts'
import { openLab } from './lab.ts'

const [root = '', runRoot = '', id = ''] = process.argv.slice(2)
using lab = openLab({ root, runRoot, backend: 'nftables', membersPerBridge: 2, observer: killingObserver() })
await lab.controller.createSandbox({ id: id as SandboxId, mode: 'bridge', endpoints: [{ network: 'big', name: 'late' }] })
