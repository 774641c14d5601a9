/**
 * `node probe.fixture.ts PATIENCE_MS PROBES`, with probes as JSON: asks all of them at once and prints, as JSON, which were answered. What is
 * dropped gives no event to wait for, hence the time.
 */
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'

export interface Probe { readonly protocol: 'tcp' | 'udp', readonly address: string, readonly port: number }

const patienceMs = Number(process.argv[2])

function tcp({ address, port }: Probe): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, address)
    const end = (answered: boolean): void => {
      resolve(answered)
      socket.destroy()
    }
    socket.on('data', () => end(true))
    socket.on('error', () => end(false))
    socket.setTimeout(patienceMs, () => end(false))
  })
}

function udp({ address, port }: Probe): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    const timer = setTimeout(() => end(false), patienceMs)
    const end = (answered: boolean): void => {
      clearTimeout(timer)
      resolve(answered)
      socket.close(() => undefined)
    }
    socket.once('message', () => end(true))
    socket.once('error', () => end(false))
    socket.once('connect', () => socket.send('?'))
    socket.connect(port, address)
  })
}

const probes = JSON.parse(process.argv[3] ?? '[]') as readonly Probe[]
const answers = await Promise.all(probes.map(probe => probe.protocol === 'tcp' ? tcp(probe) : udp(probe)))
process.stdout.write(JSON.stringify(answers))
process.exit(0)
