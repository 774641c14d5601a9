/** A server in a container that says who it is, and a client. */
import { once } from 'node:events'
import type { Namespace } from '../../helpers/namespace.ts'

/** Answers every connection to a port, over both families, with `container`. */
export async function startEcho(inside: Namespace, port: number): Promise<AsyncDisposable> {
  const script = `require('node:http').createServer((_, answer) => answer.end('container\\n')).listen(${port}, '::', () => console.log('ready'))`
  const child = inside.spawn([process.execPath, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.stdout === null) throw new Error('no pipe')
  await once(child.stdout, 'data')
  return {
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

export function curlText(from: Namespace, url: string): Promise<string> {
  return from.run('curl', '-sS', '-g', '--max-time', '5', '--noproxy', '*', url)
}
