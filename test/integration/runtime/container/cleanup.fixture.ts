/** What a shim executes at the end of a detached container: the cleanup, as `tsnet internal cleanup ID` does it. */
import { openContainers } from './host.ts'

const { TSNET_ROOT: root = '', TSNET_RUN_ROOT: runRoot = '' } = process.env
using containers = openContainers({ root, runRoot })
await containers.service.cleanup(process.argv[2] ?? '')
