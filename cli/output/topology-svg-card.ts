/** One network of the SVG picture: a card with the bridge as a bus on its left, endpoints on the bus, and the rules that counted. */
import type { EndpointNode, NetworkNode } from '../../topology/model.ts'
import { path, rectangle, textAt } from './svg.ts'
import { bridgeText, countText, defaultRouteText, linkText, namespaceText, portCountText, portText, traitsOf, trafficText } from './topology-words.ts'

export const cardWidth = 360
const lineHeight = 15
const padding = 14
/** Characters that fit: 6.6 units each, small ones 5.7. */
const charactersMost = 48
const endpointCharactersMost = 43
const smallMost = 57
const busX = 22
const endpointX = 40

interface Line { readonly text: string, readonly class: string }
interface EndpointCard { readonly name: string, readonly image: string, readonly isBroken: boolean, readonly lines: readonly Line[] }

export interface Card {
  readonly name: string
  readonly isBroken: boolean
  /** Where its line leads: to the routing bar, there but closed, or none. */
  readonly reach: 'outside' | 'closed' | 'nowhere'
  readonly head: readonly Line[]
  readonly endpoints: readonly EndpointCard[]
  readonly foot: readonly Line[]
}

export function networkCard(network: NetworkNode): Card {
  const { name, driver, internal, subnets, missing, endpoints, rules } = network
  return {
    name, isBroken: missing.length > 0, reach: driver === 'none' ? 'nowhere' : internal ? 'closed' : 'outside',
    head: [
      { text: [bridgeText(network), ...traitsOf(network)].join(', '), class: 'faint' },
      ...subnets.map(({ cidr, gateway }) => ({ text: `${cidr}${gateway === null ? '' : `  gateway ${gateway}`}`, class: '' })),
      ...missing.map(missingLine),
    ],
    endpoints: endpoints.map(endpointCard),
    foot: rules.filter(({ packets }) => packets > 0).flatMap(rule => wrapped(`${countText(rule)}: ${rule.rule}`, smallMost)
      .map(text => ({ text, class: 'small' }))),
  }
}

export function cardHeight({ head, endpoints, foot }: Card): number {
  const endpointsHeight = endpoints.reduce((sum, endpoint) => sum + endpointHeight(endpoint) + 10, 0)
  return headHeight(head) + endpointsHeight + (foot.length === 0 ? 0 : foot.length * 13 + 8) + padding / 2
}

/** The card with its upper left corner at x, y. */
export function drawCard(card: Card, x: number, y: number): readonly string[] {
  const lines = [
    rectangle({ x, y, width: cardWidth, height: cardHeight(card) }, card.isBroken ? 'broken' : 'network', 10),
    textAt(x + padding, y + 26, card.name, { class: 'title', most: 36 }),
    ...card.head.map((line, index) => textAt(x + padding, y + 45 + index * lineHeight, line.text, { class: line.class, most: charactersMost })),
  ]
  const top = y + headHeight(card.head)
  let at = top
  const taps: string[] = []
  for (const endpoint of card.endpoints) {
    taps.push(path(`M${x + busX} ${at + 18} H${x + endpointX}`, 'tap'))
    lines.push(...drawEndpoint(endpoint, x + endpointX, at))
    at += endpointHeight(endpoint) + 10
  }
  const last = card.endpoints.at(-1)
  if (last !== undefined) lines.push(...taps, path(`M${x + busX} ${top + 2} V${at - 10 - endpointHeight(last) + 18}`, 'bus'))
  const foot = card.foot.map((line, index) => textAt(x + padding, at + 10 + index * 13, line.text, { class: line.class, most: smallMost }))
  return [...lines, ...foot]
}

function endpointCard(endpoint: EndpointNode): EndpointCard {
  const { name, container, addresses, link, sharedBy, ports, missing } = endpoint
  const [route, namespace] = [defaultRouteText(endpoint), namespaceText(endpoint)]
  return {
    name, image: container?.image ?? '', isBroken: missing.length > 0,
    lines: [
      ...addresses.map(({ cidr }) => ({ text: cidr, class: '' })),
      ...link === null ? [] : [{ text: `${linkText(endpoint)}  ${link.mac}`, class: 'faint' }],
      ...link === null || link.statistics === null ? [] : [{ text: trafficText(link.statistics), class: 'small' }],
      ...namespace === '' ? [] : [{ text: namespace, class: 'small' }],
      ...route === '' ? [] : [{ text: route, class: 'faint' }],
      ...sharedBy.length === 0 ? [] : [{ text: `shared by ${sharedBy.join(', ')}`, class: 'faint' }],
      ...ports.map(port => ({ text: `${portText(port)}${portCountText(port)}`, class: port.missing ? 'drift' : 'port' })),
      ...missing.map(missingLine),
    ],
  }
}

function drawEndpoint({ name, image, isBroken, lines }: EndpointCard, x: number, y: number): readonly string[] {
  const box = { x, y, width: cardWidth - endpointX - padding, height: endpointHeight({ lines }) }
  return [
    rectangle(box, isBroken ? 'broken' : 'card'),
    textAt(x + 10, y + 20, name, { class: 'name', most: 24 }),
    textAt(x + box.width - 10, y + 20, image, { class: 'faint', anchor: 'end', most: 18 }),
    ...lines.map((line, index) => textAt(x + 10, y + 37 + index * lineHeight, line.text, { class: line.class, most: line.class === 'small' ? 50 : endpointCharactersMost })),
  ]
}

function endpointHeight({ lines }: Pick<EndpointCard, 'lines'>): number {
  return 30 + lines.length * lineHeight
}

function headHeight(head: Card['head']): number {
  return 42 + head.length * lineHeight
}

/** Lines of at most `most` characters, parted between words where there is one; those after the first are indented. */
function wrapped(text: string, most: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(last === undefined ? word : `\u00a0\u00a0${word}`)
  }
  return lines
}

function missingLine(title: string): Line {
  return { text: `missing: ${title}`, class: 'drift' }
}
