/** Starts the resolver, if none runs, as a command does: `node start.fixture.ts ROOT RUN_ROOT PROGRAM…` */
import { NameService } from '../../../engine/resolver/service.ts'

const [root = '', runRoot = '', ...program] = process.argv.slice(2)
new NameService({ root, runRoot }, program, () => ({ v1: [] })).start()
