/** Plays the life of a container, and is killed at the kernel call that the kill loop asks for. */
import { openEngine } from '../../../engine/open.ts'
import { killingObserver } from '../../helpers/faults.ts'
import { end, start } from './script.ts'

const [root = '', runRoot = ''] = process.argv.slice(2)
const engine = await openEngine({ root, runRoot, observer: killingObserver() })
await start(engine.foreign)
await end(engine.foreign)
await engine.close()
