/** `tsnet serve`, as the thin client of CNI finds it, until it is disposed of. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { World } from './world.ts'

const patienceMs = 10_000
const pauseMs = 20

export async function serveCni({ folder, runRoot, launcher, env }: World): Promise<AsyncDisposable> {
  const child = spawn(launcher, ['serve', '--socket', join(folder, 'docker.sock')], { env, stdio: 'ignore' })
  for (let waitedMs = 0; !existsSync(join(runRoot, 'cni.sock')) && waitedMs < patienceMs; waitedMs += pauseMs) await setTimeout(pauseMs)
  return {
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
