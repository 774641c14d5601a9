/**
 * What crictl does, for machines without it: `crictl version|info|runp FILE|inspectp ID|stopp ID|rmp ID`, on CONTAINER_RUNTIME_ENDPOINT, in crictl's own
 * words and with its own output, less what of `info` and `inspectp` nobody looks at here.
 */
import { readFileSync } from 'node:fs'
import { CriClient, type PodConfig } from '../../helpers/cri-client.ts'

const [command = '', argument = ''] = process.argv.slice(2)
const client = new CriClient((process.env.CONTAINER_RUNTIME_ENDPOINT ?? '').replace('unix://', ''))
const json = (value: unknown): string => JSON.stringify(value, undefined, 2)

const commands: Readonly<Record<string, () => Promise<string>>> = {
  async version() {
    const { version, runtimeName, runtimeVersion, runtimeApiVersion } = await client.version()
    return `Version:  ${version}\nRuntimeName:  ${runtimeName}\nRuntimeVersion:  ${runtimeVersion}\nRuntimeApiVersion:  ${runtimeApiVersion}`
  },
  info: async () => json({ status: { conditions: await client.conditions() } }),
  runp: () => client.runPodSandbox(JSON.parse(readFileSync(argument, 'utf8')) as PodConfig),
  inspectp: async () => json({ status: await client.podSandboxStatus(argument) }),
  async stopp() {
    await client.stopPodSandbox(argument)
    return `Stopped sandbox ${argument}`
  },
  async rmp() {
    await client.removePodSandbox(argument)
    return `Removed sandbox ${argument}`
  },
}

const act = commands[command]
if (act === undefined) throw new Error(`no command "${command}"`)
try {
  process.stdout.write(`${await act()}\n`)
} catch (error) {
  process.stderr.write(`FATA ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
