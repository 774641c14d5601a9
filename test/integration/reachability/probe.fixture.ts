/**
 * `node probe.fixture.ts PATIENCE_MS PROBES`, with probes as JSON: asks all of them at once and prints, as JSON, the answers, null where none
 * came. What is dropped gives no event to wait for, hence the time.
 */
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'

export interface Probe { readonly protocol: 'tcp' | 'udp', readonly address: string, readonly port: number }

const patienceMs = Number(process.argv[2])

function tcp({ address, port }: Probe): Promise<string | null> {
  return new Promise(resolve => {
    const socket = connect(port, address)
    const end = (answer: string | null): void => {
      resolve(answer)
      socket.destroy()
    }
    socket.on('data', data => end(data.toString()))
    socket.on('error', () => end(null))
    socket.setTimeout(patienceMs, () => end(null))
  })
}

function udp({ address, port }: Probe): Promise<string | null> {
  return new Promise(resolve => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    const timer = setTimeout(() => end(null), patienceMs)
    const end = (answer: string | null): void => {
      clearTimeout(timer)
      resolve(answer)
      socket.close(() => undefined)
    }
    socket.once('message', data => end(data.toString()))
    socket.once('error', () => end(null))
    socket.once('connect', () => socket.send('?'))
    socket.connect(port, address)
  })
}

const probes = JSON.parse(process.argv[3] ?? '[]') as readonly Probe[]
const answers = await Promise.all(probes.map(probe => probe.protocol === 'tcp' ? tcp(probe) : udp(probe)))
process.stdout.write(JSON.stringify(answers))
process.exit(0)
