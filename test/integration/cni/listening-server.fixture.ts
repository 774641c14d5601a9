/** A server of the thin client in a process of its own, which a test can stop. */
import { listenCni } from '../../../cni/server/listen.ts'

const [root = '', runRoot = ''] = process.argv.slice(2)
await listenCni({ roots: { root, runRoot }, log: line => { process.stderr.write(`${line}\n`) } })
process.stderr.write('listening\n')
