/** What must hold of the SVG whatever is drawn: it is well-formed, escapes what others wrote, and no card covers another. */
import test from 'ava'
import { topologySvg } from '../../../../cli/output/topology-svg.ts'
import { buildTopology } from '../../../../topology/build.ts'
import type { Topology } from '../../../../topology/model.ts'
import { observation } from '../../topology/fixtures.ts'

const topology = buildTopology(observation)
const draw = (picture: Topology): string => topologySvg(picture).join('\n')

interface Rectangle { readonly x: number, readonly y: number, readonly width: number, readonly height: number }

function cardsOf(svg: string): readonly Rectangle[] {
  return [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="360" height="([\d.]+)"/g)]
    .map(([, x, y, height]) => ({ x: Number(x), y: Number(y), width: 360, height: Number(height) }))
}

/** Elements that are open at the end, and closings that fit nothing. */
function unbalanced(svg: string): readonly string[] {
  const open: string[] = []
  for (const [, slash, name = '', self] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (self === '/') continue
    if (slash !== '/') open.push(name)
    else if (open.pop() !== name) return [`</${name}>`]
  }
  return open
}

test('names are escaped, and control characters do not get through', t => {
  const [network] = topology.networks
  if (network === undefined) throw new Error('no network')
  const svg = draw({ ...topology, host: { ...topology.host, name: '<b>&"\u0007' }, networks: [{ ...network, name: '</svg><script>' }] })
  t.deepEqual(unbalanced(svg), [])
  t.true(svg.includes('host &lt;b&gt;&amp;&quot;?'))
  t.true(svg.includes('&lt;/svg&gt;&lt;script&gt;'))
  t.false(svg.includes('<script'))
})

test('any number of networks is laid out without overlap and inside the picture', t => {
  for (const count of [0, 1, 2, 3, 4, 11]) {
    const networks = Array.from({ length: count }, (_, index) => topology.networks[index % topology.networks.length]).filter(one => one !== undefined)
    const svg = draw({ ...topology, networks })
    t.deepEqual(unbalanced(svg), [])
    const cards = cardsOf(svg)
    t.is(cards.length, count)
    const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? []
    t.true(cards.every(card => card.x + card.width < Number(width) && card.y + card.height < Number(height)))
    const overlapping = cards.flatMap((a, index) => cards.slice(index + 1).filter(b =>
      a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height))
    t.deepEqual(overlapping, [])
  }
})

test('a host without a default route says so', t => {
  t.true(draw({ ...topology, host: { ...topology.host, uplinks: [] } }).includes('no default route'))
})
