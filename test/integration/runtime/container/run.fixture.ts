/** A command line that runs a container in the foreground, to be killed: prints the id once it runs. */
import { openContainers, specOf } from './host.ts'

const { TSNET_ROOT: root = '', TSNET_RUN_ROOT: runRoot = '', ROOTFS: rootfs = '' } = process.env
using containers = openContainers({ root, runRoot })
const { record, finished } = await containers.service.run(specOf(rootfs, 'sleep 1000', { autoRemove: true }))
console.log(record.id)
process.exitCode = await finished
