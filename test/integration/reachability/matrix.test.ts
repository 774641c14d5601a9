/**
 * The table of `expected.ts`, tried cell by cell with real packets: every variant, from every origin, in both families, TCP and UDP, with
 * both firewall backends.
 */
import test from 'ava'
import { requires } from '../../helpers/requires.ts'
import { type Cell, type Origin, type Target, type Variant, origins, variants } from './expected.ts'
import { Scene, families, keyOf, protocols, targetsOf } from './scene.ts'

/** Silence takes its time. An answer that should come and is late is waited for longer, before it is called missing. */
const PATIENCE_MS = 1000
const MORE_PATIENCE_MS = 15_000

const allOrigins = Object.keys(origins) as readonly Origin[]
const columns: readonly Target[] = ['published', 'direct', 'unpublished']

function expected(variant: Variant, origin: Origin, target: Target): Cell {
  return variant.reaches[origin][columns.indexOf(target)] ?? 'no'
}

/** Every answer; those that are missing against expectation are asked for once more. */
async function askAll(scene: Scene): Promise<ReadonlyMap<string, boolean>> {
  const wanted = new Set(variants.flatMap(variant => allOrigins.flatMap(origin => families.flatMap(family => protocols.flatMap(protocol =>
    targetsOf(origin).filter(target => expected(variant, origin, target) === 'yes').map(target => keyOf({ variant, origin, family, protocol, target })))))))
  const found = await Promise.all(allOrigins.map(async origin => {
    const first = await scene.ask(origin, PATIENCE_MS)
    const late = [...first].filter(([key, answer]) => !answer && wanted.has(key)).map(([key]) => key)
    return [...first, ...late.length === 0 ? [] : await scene.ask(origin, MORE_PATIENCE_MS, key => late.includes(key))]
  }))
  return new Map(found.flat())
}

for (const backend of ['iptables', 'nftables'] as const) {
  let answers: ReadonlyMap<string, boolean> = new Map()

  test.serial(`${backend}: every cell is tried`, async t => {
    t.timeout(300_000)
    if (!requires.root(t) || !requires.tool(t, 'iptables-save')) return
    await using scene = await Scene.create(backend)
    answers = await askAll(scene)
    t.is(answers.size, variants.length * families.length * protocols.length * allOrigins.flatMap(targetsOf).length)
  })

  for (const variant of variants) {
    test.serial(`${backend}: ${variant.title}`, t => {
      if (!requires.root(t)) return
      for (const family of families) {
        for (const protocol of protocols) {
          const rows = (cell: (origin: Origin, target: Target) => string): readonly string[] =>
            allOrigins.map(origin => `${origin}: ${targetsOf(origin).map(target => cell(origin, target)).join(' ')}`)
          const seen = rows((origin, target) => answers.get(keyOf({ variant, origin, family, protocol, target })) === true ? 'yes' : 'no')
          t.deepEqual(seen, rows((origin, target) => expected(variant, origin, target)), `IPv${family}, ${protocol}`)
        }
      }
    })
  }
}
