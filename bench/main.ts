/**
 * `npm run bench`: tsnet beside its peers, in one run on one machine, alternated; medians and their ratio.
 *
 * `npm run bench -- run ports` measures some cases only. The whole table is written to docs/benchmarks.md, and the exit status says
 * whether every ratio was reached.
 */
import { writeFileSync } from 'node:fs'
import { cniCase } from './cases/cni.ts'
import { cniScaleCase } from './cases/cni-scale.ts'
import { endpointCase } from './cases/endpoint.ts'
import { memoryCase } from './cases/memory.ts'
import { namesCase } from './cases/names.ts'
import { networksCase } from './cases/networks.ts'
import { parallelCase } from './cases/parallel.ts'
import { portScaleCase } from './cases/port-scale.ts'
import { pluginCase } from './cases/plugin.ts'
import { portsCase } from './cases/ports.ts'
import { runCase } from './cases/run.ts'
import { throughputCase } from './cases/throughput.ts'
import { benchmarksPage } from './page.ts'
import { isGood, type Result, resultTable } from './result.ts'
import { World } from './world.ts'

/** In this order: `plugin` and `ports` leave a dockerd behind that only wants to be ended. */
const CASES: Readonly<Record<string, (world: World) => Promise<readonly Result[]>>> = {
  cni: cniCase, 'cni-scale': cniScaleCase, endpoint: endpointCase, run: runCase, parallel: parallelCase, memory: memoryCase, names: namesCase, networks: networksCase, throughput: throughputCase, 'port-scale': portScaleCase,
  plugin: pluginCase, ports: portsCase,
}

async function measure(names: readonly string[]): Promise<readonly Result[]> {
  await using world = await World.create()
  const results: Result[] = []
  for (const [name, play] of Object.entries(CASES)) {
    if (!names.includes(name)) continue
    console.error(`measuring: ${name}`)
    results.push(...await play(world))
  }
  return results
}

// Ctrl-C reaches the measured command too, which fails, so that the world is taken down on the way out.
process.on('SIGINT', () => console.error('interrupted'))

const asked = process.argv.slice(2)
const unknown = asked.filter(name => CASES[name] === undefined)
if (unknown.length > 0) {
  console.error(`bench: no case "${unknown[0]}"; there are: ${Object.keys(CASES).join(', ')}`)
  process.exit(2)
}
const results = await measure(asked.length > 0 ? asked : Object.keys(CASES))
console.log(resultTable(results))
if (asked.length === 0) writeFileSync(new URL('../docs/benchmarks.md', import.meta.url), benchmarksPage(results))
process.exitCode = results.every(isGood) ? 0 : 1
