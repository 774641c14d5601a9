/** `tsnet port add` and `tsnet port rm` as the command line does them, killed at the kernel call that the test chose. */
import { openEngine } from '../../../engine/open.ts'
import { killingObserver } from '../../helpers/faults.ts'

const [root = '', runRoot = ''] = process.argv.slice(2)
const engine = await openEngine({ root, runRoot, observer: killingObserver() })
const ports = [9000, 9001].map(port => ({ protocol: 'tcp', host: { first: port, last: port }, container: { first: 80, last: 80 } }) as const)
await engine.containers.publish('web', ports)
await engine.containers.unpublish('web', ports)
await engine.close()
