/** A server of the thin client that dies when it is about to answer, once it has done all that it was asked for. */
import { Socket } from 'node:net'
import { listenCni } from '../../../cni/server/listen.ts'

const [root = '', runRoot = ''] = process.argv.slice(2)
Socket.prototype.end = function end() {
  process.kill(process.pid, 'SIGKILL')
  return this
}
await listenCni({ roots: { root, runRoot }, log: line => { process.stderr.write(`${line}\n`) } })
process.stderr.write('listening\n')
