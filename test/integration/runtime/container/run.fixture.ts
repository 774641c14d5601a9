/**
 * A command line that runs a container, to be killed: at a call of its parts (TEST_KILL_AT), or from outside once it said the
 * id.
 */
import { killingObserver } from '../../../helpers/faults.ts'
import { openContainers, specOf } from './host.ts'

const { TSNET_ROOT: root = '', TSNET_RUN_ROOT: runRoot = '', ROOTFS: rootfs = '' } = process.env
const { DETACH: detach, TEST_KILL_AT: killAt } = process.env
using containers = openContainers({ root, runRoot }, killAt === undefined ? undefined : killingObserver())
const { record, finished } = await containers.service.run(specOf(rootfs, 'sleep 1000', {
  autoRemove: true, detach: detach !== undefined, mounts: [{ kind: 'volume', target: '/data', readOnly: false }],
}))
console.log(record.id)
process.exitCode = await finished
