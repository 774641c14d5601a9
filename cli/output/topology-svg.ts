/**
 * A topology as an SVG picture, laid out here: no browser and no Graphviz is needed to make it.
 *
 *     outside ── uplinks ── routing bar ─┬─ network ─┬─ endpoint
 *                                        │           └─ endpoint
 *                                        └─ network …              as many columns as there are networks, three at most
 *
 * Lines never cross: each network hangs on the gutter to its left, each endpoint on its network's bus.
 */
import type { HostNode, Topology } from '../../topology/model.ts'
import { rectangle, path, textAt } from './svg.ts'
import { type Card, cardHeight, cardWidth, drawCard, networkCard } from './topology-svg-card.ts'
import { trafficText } from './topology-words.ts'

const margin = 24
const gutter = 32
const columnsMost = 3
const lineHeight = 15
const uplinkWidth = 300

const style = `
  text { font: 11px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #2b3445 }
  .title { font: 600 15px ui-sans-serif, system-ui, "DejaVu Sans", sans-serif; fill: #111827 }
  .name { font: 600 13px ui-sans-serif, system-ui, "DejaVu Sans", sans-serif; fill: #111827 }
  .faint { fill: #6b7689 } .small { font-size: 9.5px; fill: #6b7689 } .port { fill: #1f5fbf } .drift { fill: #c2331f }
  .paper { fill: #ffffff } .host { fill: #f6f8fb; stroke: #c3ccda } .card { fill: #ffffff; stroke: #b7c2d3 } .network { fill: #eaf1fd; stroke: #9db7e0 }
  .broken { fill: #fdf1ef; stroke: #c2331f } .bar { fill: #33415c } .onbar { fill: #ffffff }
  .wire { fill: none; stroke: #8494ad; stroke-width: 1.6 } .closed { fill: none; stroke: #8494ad; stroke-width: 1.6; stroke-dasharray: 4 4 }
  .bus { fill: none; stroke: #3f6fc4; stroke-width: 4; stroke-linecap: round } .tap { fill: none; stroke: #3f6fc4; stroke-width: 1.6 }`.trim()

export function topologySvg({ host, networks }: Topology): readonly string[] {
  const cards = networks.map(networkCard)
  const columns = Math.max(1, Math.min(columnsMost, cards.length), Math.min(columnsMost, host.uplinks.length))
  const width = margin * 4 + columns * (cardWidth + gutter)
  const uplinks = drawUplinks(host)
  const grid = drawGrid(cards, { columns, top: uplinks.bottom + 64, barBottom: uplinks.bottom + 38 })
  const height = grid.bottom + margin
  const inner = { x: margin, y: 88, width: width - 2 * margin, height: height - 88 - margin / 2 }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + margin / 2}" viewBox="0 0 ${width} ${height + margin / 2}">`,
    `<style>${style}</style>`,
    rectangle({ x: 0, y: 0, width, height: height + margin / 2 }, 'paper', 0),
    rectangle(inner, 'host', 12),
    textAt(margin * 2, 114, `host ${host.name}`, { class: 'title', most: 60 }),
    ...uplinks.lines,
    rectangle({ x: margin * 2, y: uplinks.bottom + 14, width: width - 4 * margin, height: 24 }, 'bar', 6),
    textAt(width / 2, uplinks.bottom + 30, routingText(host), { class: 'onbar', anchor: 'middle' }),
    ...grid.lines,
    '</svg>',
  ]
}

function routingText({ firewall, forwarding }: HostNode): string {
  const families = [...forwarding.ipv4 ? ['IPv4'] : [], ...forwarding.ipv6 ? ['IPv6'] : []]
  return `routing and NAT: ${firewall ?? 'no rules'}, ${families.length === 0 ? 'no forwarding' : `forwards ${families.join(' and ')}`}`
}

interface Drawn { readonly lines: readonly string[], readonly bottom: number }

function drawUplinks({ uplinks }: HostNode): Drawn {
  if (uplinks.length === 0) return { lines: [textAt(margin * 2, 136, 'no default route: nothing leads outside', { class: 'faint' })], bottom: 144 }
  const cards = uplinks.map(uplink => [
    ...[...uplink.addresses, ...uplink.gateways.map(gateway => `via ${gateway}`)].map(text => ({ text, class: '' })),
    ...uplink.statistics === null ? [] : [{ text: trafficText(uplink.statistics), class: 'small' }],
  ])
  const height = 30 + lineHeight * Math.max(...cards.map(lines => lines.length))
  const lines = uplinks.flatMap((uplink, index) => {
    const x = margin * 2 + index * (uplinkWidth + gutter)
    const middle = x + uplinkWidth / 2
    return [
      rectangle({ x: middle - 60, y: 18, width: 120, height: 30 }, 'card', 15), textAt(middle, 37, 'outside', { class: 'name', anchor: 'middle' }),
      path(`M${middle} 48 V128`, 'wire'),
      path(`M${middle} ${128 + height} V${142 + height}`, 'wire'),
      rectangle({ x, y: 128, width: uplinkWidth, height }, uplink.up ? 'card' : 'broken'),
      textAt(x + 12, 148, `${uplink.name}${uplink.up ? '' : ' (down)'}`, { class: 'name', most: 30 }),
      textAt(x + uplinkWidth - 12, 148, `mtu ${uplink.mtu}`, { class: 'faint', anchor: 'end' }),
      ...cards[index]?.map((line, number) => textAt(x + 12, 165 + number * lineHeight, line.text, { class: line.class, most: line.class === 'small' ? 49 : 42 })) ?? [],
    ]
  })
  return { lines, bottom: 128 + height }
}

interface Grid { readonly columns: number, readonly top: number, readonly barBottom: number }

/** Each card goes where there is most room. Lines to the bar run in the gutter left of each column. */
function drawGrid(cards: readonly Card[], { columns, top, barBottom }: Grid): Drawn {
  const bottoms = Array.from({ length: columns }, () => top)
  const lines = cards.flatMap(card => {
    const y = Math.min(...bottoms)
    const column = bottoms.indexOf(y)
    bottoms[column] = y + cardHeight(card) + gutter
    const x = margin * 2 + gutter + column * (cardWidth + gutter)
    const wire = path(`M${x - gutter / 2} ${barBottom} V${y + 22} H${x}`, card.reach === 'closed' ? 'closed' : 'wire')
    return [...card.reach === 'nowhere' ? [] : [wire], ...drawCard(card, x, y)]
  })
  return { lines, bottom: Math.max(...bottoms) - gutter + margin }
}
