/** One CNI call as a process of its own, with the call in argv; killed at the kernel call that the kill loop asks for. */
import { killingObserver } from '../../helpers/faults.ts'
import { type CallSpec, ours } from './lab.ts'

const [root = '', runRoot = '', program = '', spec = ''] = process.argv.slice(2)
const observer = process.env.TEST_KILL_AT === undefined ? () => undefined : killingObserver()
const { status, stdout } = await ours(program, JSON.parse(spec) as CallSpec, { roots: { root, runRoot }, observer })
process.stdout.write(stdout)
process.exitCode = status
