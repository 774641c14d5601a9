/**
 * The calls of CRI that make and remove a pod's sandbox, as kubelet makes them: gRPC, HTTP/2 on containerd's socket, one connection for each.
 * The numbers of the fields are those of k8s.io/cri-api, pkg/apis/runtime/v1/api.proto.
 */
import { connect as connectHttp2, constants } from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { type Field, Message, encode } from './protobuf.ts'

/** What crictl takes as a pod's configuration, less what is not needed here. */
export interface PodConfig {
  readonly metadata: { readonly name: string, readonly uid: string, readonly namespace: string, readonly attempt?: number }
  readonly hostname?: string
  /** Protocols are numbers: TCP, UDP, SCTP from 0. */
  readonly port_mappings?: readonly { readonly protocol?: number, readonly container_port: number, readonly host_port: number, readonly host_ip?: string }[]
}

export interface PodStatus { readonly id: string, readonly state: 'SANDBOX_READY' | 'SANDBOX_NOTREADY', readonly network: { readonly additionalIps: readonly { readonly ip: string }[], readonly ip: string } }

export interface RuntimeVersion { readonly version: string, readonly runtimeName: string, readonly runtimeVersion: string, readonly runtimeApiVersion: string }

export interface RuntimeCondition { readonly type: string, readonly status: boolean, readonly message: string }

export class CriClient {
  readonly #socket: string

  constructor(socket: string) {
    this.#socket = socket
  }

  async version(): Promise<RuntimeVersion> {
    const answer = await this.#call('Version', [])
    const [version, runtimeName, runtimeVersion, runtimeApiVersion] = [1, 2, 3, 4].map(number => answer.text(number)) as [string, string, string, string]
    return { version, runtimeName, runtimeVersion, runtimeApiVersion }
  }

  /** RuntimeReady and NetworkReady. */
  async conditions(): Promise<readonly RuntimeCondition[]> {
    const answer = await this.#call('Status', [])
    return answer.message(1).messages(1).map(each => ({ type: each.text(1), status: each.flag(2), message: each.text(4) }))
  }

  /** The sandbox's id. */
  async runPodSandbox({ metadata, hostname, port_mappings: ports = [] }: PodConfig): Promise<string> {
    const { name, uid, namespace, attempt } = metadata
    const config: readonly Field[] = [
      [1, [[1, name], [2, uid], [3, namespace], [4, attempt]]], [2, hostname],
      ...ports.map((port): Field => [5, [[1, port.protocol], [2, port.container_port], [3, port.host_port], [4, port.host_ip]]]),
      [8, []],
    ]
    return (await this.#call('RunPodSandbox', [[1, config]])).text(1)
  }

  async podSandboxStatus(id: string): Promise<PodStatus> {
    const status = (await this.#call('PodSandboxStatus', [[1, id]])).message(1)
    const network = status.message(5)
    return {
      id: status.text(1), state: status.flag(3) ? 'SANDBOX_NOTREADY' : 'SANDBOX_READY',
      network: { additionalIps: network.messages(2).map(each => ({ ip: each.text(1) })), ip: network.text(1) },
    }
  }

  async stopPodSandbox(id: string): Promise<void> {
    await this.#call('StopPodSandbox', [[1, id]])
  }

  async removePodSandbox(id: string): Promise<void> {
    await this.#call('RemovePodSandbox', [[1, id]])
  }

  /** @throws what the runtime says, with the number of gRPC */
  async #call(method: string, fields: readonly Field[]): Promise<Message> {
    const session = connectHttp2('http://localhost', { createConnection: () => connectSocket(this.#socket) })
    try {
      return await new Promise((resolve, reject) => {
        const parts: Buffer[] = []
        let status = 'no status'
        session.on('error', reject)
        const stream = session.request({
          [constants.HTTP2_HEADER_METHOD]: 'POST', [constants.HTTP2_HEADER_PATH]: `/runtime.v1.RuntimeService/${method}`,
          [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc', [constants.HTTP2_HEADER_TE]: 'trailers',
        })
        // An answer without a body has its status in the head.
        const read = (headers: Readonly<Record<string, unknown>>): void => {
          const [code, message] = [headers['grpc-status'], headers['grpc-message']]
          if (typeof code === 'string') status = `code = ${code} desc = ${typeof message === 'string' ? decodeURIComponent(message) : ''}`
        }
        stream.on('response', read).on('trailers', read).on('error', reject).on('data', (part: Buffer) => parts.push(part))
        stream.on('end', () => {
          if (!status.startsWith('code = 0 ')) reject(new Error(`rpc error: ${status}`))
          else resolve(new Message(Buffer.concat(parts).subarray(prefixLength)))
        })
        stream.end(framed(encode(fields)))
      })
    } finally {
      session.close()
    }
  }
}

/** Before each message: not compressed, and its length. */
const prefixLength = 5

function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(prefixLength)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}
