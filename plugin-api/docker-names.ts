/**
 * Whose an endpoint is: the protocol does not tell, so Docker is asked, after the answer and never in a handler: dockerd holds locks while it
 * waits for one. Where Docker cannot be asked, endpoints keep the names they have.
 */
import { request } from 'node:http'
import type { KnownContainer } from '../cnm/foreign-api.ts'

const timeoutMs = 3000
const maximumBytes = 32 << 20

/** All running containers' endpoints. @param socket path of dockerd's API @throws Error where it does not answer */
export async function listContainers(socket: string): Promise<readonly KnownContainer[]> {
  const listed: unknown = JSON.parse(await get(socket, '/containers/json'))
  return Array.isArray(listed) ? listed.flatMap(containersOf) : []
}

/** Ids and names of Docker's networks. @throws Error where it does not answer */
export async function listNetworkNames(socket: string): Promise<ReadonlyMap<string, string>> {
  const listed: unknown = JSON.parse(await get(socket, '/networks'))
  return new Map(!Array.isArray(listed) ? [] : listed.flatMap((network: unknown): readonly (readonly [string, string])[] => {
    const { Id, Name } = fields(network)
    return typeof Id === 'string' && typeof Name === 'string' ? [[Id, Name]] : []
  }))
}

function containersOf(container: unknown): readonly KnownContainer[] {
  const { Id: id, Names, Image, NetworkSettings } = fields(container)
  const [first]: readonly unknown[] = Array.isArray(Names) ? Names : []
  if (typeof id !== 'string' || typeof first !== 'string') return []
  return Object.values(fields(fields(NetworkSettings)['Networks'])).flatMap(network => {
    const { EndpointID } = fields(network)
    if (typeof EndpointID !== 'string' || EndpointID === '') return []
    return [{ endpointId: EndpointID, id, name: first.replace(/^\//, ''), image: typeof Image === 'string' ? Image : '' }]
  })
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? value as Readonly<Record<string, unknown>> : {}
}

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, headers: { Host: 'docker' }, timeout: timeoutMs }, response => {
      const parts: Buffer[] = []
      let length = 0
      response.on('data', (part: Buffer) => {
        parts.push(part)
        length += part.length
        if (length > maximumBytes) call.destroy(new Error('the answer is too long'))
      })
      response.once('end', () => response.statusCode === 200 ? resolve(Buffer.concat(parts).toString('utf8')) : reject(new Error(`status ${response.statusCode}`)))
      response.once('error', reject)
    })
    call.once('timeout', () => call.destroy(new Error('it does not answer'))).once('error', reject).end()
  })
}
