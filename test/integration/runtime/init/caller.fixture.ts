/** A caller that starts the container whose request it reads from stdin, says its pid, and waits to be killed. */
import { text } from 'node:stream/consumers'
import type { StartRequest } from '../../../../runtime/init/start-api.ts'
import { startContainer } from '../../../../runtime/init/start.ts'

const request: StartRequest = JSON.parse(await text(process.stdin))
const started = await startContainer(request)
process.stdout.write(String(started.pid))
await started.exited
