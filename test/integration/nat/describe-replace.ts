/** Part of a published range is taken back: what is left of it is never out of reach, and the rules are those of its parts. */
import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import type { Firewall } from '../../../nat/firewall.ts'
import type { PublishObject } from '../../../objects/firewall.ts'
import { rules, withObjects } from './rules.ts'
import { type World, ask, families, HOST, network, OUTSIDE, publish } from './world.ts'

type Range = readonly [first: number, last: number]

/** A range of `br-a`'s member in both families: at its own numbers or `shift` above them. */
function ranges(protocol: PublishObject['protocol'], shift: number, ...parts: readonly Range[]): readonly PublishObject[] {
  return families.flatMap(family => parts.map(([first, last]) => publish(family, 0, {
    protocol, host: { first: first + shift, last: last + shift }, container: { first, last },
  })))
}

export function describeReplace(open: () => Firewall, world: () => World): void {
  const { name } = open()
  for (const shift of [0, 100]) {
    test.serial(`${name}: a range ${shift === 0 ? 'of the same numbers' : 'that is shifted'} loses ports from its middle, and their rules are those of its parts`, async t => {
      const neighbour = publish(4, 31_021 + shift)
      const whole = ranges('tcp', shift, [31_000, 31_020])
      const parts = ranges('tcp', shift, [31_000, 31_002], [31_005, 31_009], [31_011, 31_020])
      await withObjects({ world: world(), open }, [...network('br-a'), neighbour, ...parts], async firewall => {
        const fresh = await rules(world())
        await firewall.remove(parts)
        await firewall.create(whole)
        t.deepEqual(await firewall.missing(whole), [])
        await firewall.replace(whole, parts)
        t.deepEqual(await rules(world()), fresh)
        await firewall.replace(whole, parts)
        t.deepEqual(await rules(world()), fresh, 'twice is once')
        t.deepEqual(await firewall.missing([neighbour, ...parts]), [])
        for (const family of families) {
          t.is(await ask(world().host.outside, 'tcp', HOST[family], 31_005 + shift), OUTSIDE[family])
          t.not(await ask(world().host.outside, 'tcp', HOST[family], 31_004 + shift), OUTSIDE[family])
        }
      })
    })
  }

  test.serial(`${name}: while a range is split over and over, every new connection gets through what is left`, async t => {
    const [whole, parts] = [ranges('tcp', 0, [31_000, 31_020]), ranges('tcp', 0, [31_000, 31_002], [31_005, 31_020])]
    await withObjects({ world: world(), open }, [...network('br-a'), ...whole], async firewall => {
      let isOver = false
      const splitting = (async () => {
        let times = 0
        for (; !isOver; times += 1) {
          await firewall.replace(whole, parts)
          await firewall.replace(parts, whole)
          // netlink is answered at once: without a pause nothing else would ever run.
          await setImmediate()
        }
        return times
      })()
      const seen: string[] = []
      for (let i = 0; i < 8; i += 1) seen.push(await ask(world().host.outside, 'tcp', HOST[4], 31_005))
      isOver = true
      t.true(await splitting > 0)
      t.deepEqual(new Set(seen), new Set([OUTSIDE[4]]))
    })
  })
}
