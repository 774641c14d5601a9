import { readlinkSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { once } from 'node:events'
import test from 'ava'
import { inNetns } from '../../../kernel/netns.ts'

// Checked by `npm run typecheck`: an unused @ts-expect-error is an error, so each of these has to be refused by the compiler.
// @ts-expect-error an async function would act on the host after its first await
export const asyncIsRefused = (): unknown => inNetns('/x', async () => 1)
// @ts-expect-error the same for a function that returns a promise
export const promiseIsRefused = (): unknown => inNetns('/x', () => Promise.resolve('a'))
export const syncIsTaken = (): number => inNetns('/x', () => 1)
export const voidIsTaken = (): void => inNetns('/x', () => {})

test('without a path the function is called where we are', t => {
  const here = readlinkSync('/proc/self/ns/net')
  t.is(inNetns(undefined, () => readlinkSync('/proc/self/ns/net')), here)
})

test('a worker thread is refused', async t => {
  const source = `import('${new URL('../../../kernel/netns.ts', import.meta.url).href}').then(({ inNetns }) => {
    try { inNetns('/proc/self/ns/net', () => 1) } catch (error) { require('node:worker_threads').parentPort.postMessage(error.message) }
  })`
  const worker = new Worker(source, { eval: true })
  const [message] = await once(worker, 'message') as [string]
  t.is(message, 'enter a network namespace: only the main thread may')
  await worker.terminate()
})
