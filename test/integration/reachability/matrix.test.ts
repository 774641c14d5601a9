/**
 * The table of `expected.ts`, tried cell by cell with real packets: every variant, from every origin, in both families, TCP and UDP, with
 * both firewall backends; and what other machines reach sees them under their own addresses.
 */
import test from 'ava'
import { requires } from '../../helpers/requires.ts'
import { type Cell, type Origin, type Target, type Variant, origins, variants } from './expected.ts'
import { Scene, families, keyOf, machines, protocols, targetsOf } from './scene.ts'

/** Silence takes its time. An answer that should come and is late is waited for longer, before it is called missing. */
const PATIENCE_MS = 1000
const MORE_PATIENCE_MS = 15_000

const allOrigins = Object.keys(origins) as readonly Origin[]
const columns: readonly Target[] = ['published', 'direct', 'unpublished']

function expected(variant: Variant, origin: Origin, target: Target): Cell {
  return variant.reaches[origin][columns.indexOf(target)] ?? 'no'
}

/** Every answer; those that are missing against expectation are asked for once more. */
async function askAll(scene: Scene): Promise<ReadonlyMap<string, string | null>> {
  const wanted = new Set(variants.flatMap(variant => allOrigins.flatMap(origin => families.flatMap(family => protocols.flatMap(protocol =>
    targetsOf(origin).filter(target => expected(variant, origin, target) === 'yes').map(target => keyOf({ variant, origin, family, protocol, target })))))))
  const found = await Promise.all(allOrigins.map(async origin => {
    const first = await scene.ask(origin, PATIENCE_MS)
    const late = [...first].filter(([key, answer]) => answer === null && wanted.has(key)).map(([key]) => key)
    return [...first, ...late.length === 0 ? [] : await scene.ask(origin, MORE_PATIENCE_MS, key => late.includes(key))]
  }))
  return new Map(found.flat())
}

for (const backend of ['iptables', 'nftables'] as const) {
  let answers: ReadonlyMap<string, string | null> = new Map()

  test.serial(`${backend}: every cell is tried`, async t => {
    t.timeout(300_000)
    if (!requires.root(t) || !requires.tool(t, 'iptables-save')) return
    await using scene = await Scene.create(backend)
    answers = await askAll(scene)
    t.is(answers.size, variants.length * families.length * protocols.length * allOrigins.flatMap(targetsOf).length)
  })

  test.serial(`${backend}: whoever is reached from another machine sees that machine's own address`, t => {
    if (!requires.root(t)) return
    let count = 0
    for (const [origin, addresses] of Object.entries(machines) as readonly [Origin, Readonly<Record<4 | 6, string>>][]) {
      for (const variant of variants) for (const family of families) for (const protocol of protocols) for (const target of targetsOf(origin)) {
        const key = keyOf({ variant, origin, family, protocol, target })
        const seen = answers.get(key) ?? null
        if (seen === null) continue
        count += 1
        t.is(seen, addresses[family], key)
      }
    }
    t.true(count > variants.length, `${count} answers`)
  })

  for (const variant of variants) {
    test.serial(`${backend}: ${variant.title}`, t => {
      if (!requires.root(t)) return
      for (const family of families) {
        for (const protocol of protocols) {
          const rows = (cell: (origin: Origin, target: Target) => string): readonly string[] =>
            allOrigins.map(origin => `${origin}: ${targetsOf(origin).map(target => cell(origin, target)).join(' ')}`)
          const seen = rows((origin, target) => typeof answers.get(keyOf({ variant, origin, family, protocol, target })) === 'string' ? 'yes' : 'no')
          t.deepEqual(seen, rows((origin, target) => expected(variant, origin, target)), `IPv${family}, ${protocol}`)
        }
      }
    })
  }
}
