/** `ps --filter`: which containers are shown. */
import { TsnetError } from '../../errors/error.ts'
import type { ContainerDetails } from '../../runtime/container-service-api.ts'
import { inspectPorts } from '../output/port-text.ts'
import { type Filters, fits, fitsLabels, namePattern, parseFilters } from './filters.ts'

export const containerFilterNames = ['ancestor', 'exited', 'expose', 'id', 'label', 'name', 'network', 'publish', 'status'] as const

const statuses = ['created', 'running', 'exited', 'dead']

export interface ContainerFilter {
  /** A status asked for shows also those that do not run. */
  readonly all: boolean
  accepts(details: ContainerDetails): boolean
}

/** @throws invalid-argument */
export function containerFilter(words: readonly string[]): ContainerFilter {
  const filters = parseFilters(words, containerFilterNames)
  checkValues(filters)
  return {
    all: filters.has('status') || filters.has('exited'),
    accepts: details => {
      const { record, image } = details
      return fits(filters, 'name', value => [record.name, `/${record.name}`].some(name => namePattern(value).test(name)))
        && fits(filters, 'id', value => record.id.startsWith(value))
        && fits(filters, 'status', value => record.status === value)
        && fits(filters, 'exited', value => record.status === 'exited' && String(record.exitCode) === value)
        && fits(filters, 'network', value => isOn(details, value))
        && fits(filters, 'ancestor', value => isOf(details, value))
        && (!(filters.has('publish') || filters.has('expose')) || hasPort(details, filters))
        && fitsLabels(filters, { ...image?.defaults.labels, ...record.spec.labels })
    },
  }
}

function checkValues(filters: Filters): void {
  for (const value of filters.get('name') ?? []) namePattern(value)
  for (const status of filters.get('status') ?? []) {
    if (!statuses.includes(status)) throw new TsnetError('invalid-argument', `--filter "status=${status}": there are ${statuses.join(', ')}`)
  }
  for (const key of ['publish', 'expose']) for (const value of filters.get(key) ?? []) parsePortFilter(key, value)
  for (const code of filters.get('exited') ?? []) {
    if (!/^\d+$/.test(code)) throw new TsnetError('invalid-argument', `--filter "exited=${code}": it is no exit status`)
  }
}

/** By the image's name, with or without a tag, or its id. */
function isOf({ record }: ContainerDetails, wanted: string): boolean {
  const { image = '' } = record.spec
  const id = (record.imageId ?? '').replace('sha256:', '')
  return image === wanted || image === `${wanted}:latest` || `${image}:latest` === wanted
    || /^(sha256:)?[0-9a-f]{4,64}$/.test(wanted) && id !== '' && id.startsWith(wanted.replace('sha256:', ''))
}

/** One of the host's ports (`publish`) or of the container's own (`expose`); who asks for both has either, as with Docker. */
function hasPort({ record, endpoints }: ContainerDetails, filters: Filters): boolean {
  const ports = Object.entries(inspectPorts(endpoints, record.status === 'running' ? record.exposedPorts : []))
  const isAmong = (key: string, number: number, protocol: string): boolean => (filters.get(key) ?? []).some(value => {
    const wanted = parsePortFilter(key, value)
    return wanted.protocol === protocol && wanted.first <= number && number <= wanted.last
  })
  return ports.some(([port, places]) => {
    const [number = '', protocol = ''] = port.split('/')
    return isAmong('expose', Number(number), protocol) || (places ?? []).some(({ HostPort }) => HostPort !== '' && isAmong('publish', Number(HostPort), protocol))
  })
}

/** `8080`, `8080/udp`, `8000-8080/tcp`. @throws invalid-argument */
function parsePortFilter(key: string, value: string): { readonly first: number, readonly last: number, readonly protocol: string } {
  const [, first, last = first, protocol = 'tcp'] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/.exec(value) ?? []
  if (first === undefined) throw new TsnetError('invalid-argument', `--filter "${key}=${value}": it is no port; examples: 8080, 53/udp, 8000-8080`)
  return { first: Number(first), last: Number(last), protocol }
}

/** By name or id; of a container that does not run, as it was asked for. */
function isOn({ record, endpoints }: ContainerDetails, wanted: string): boolean {
  if (endpoints.some(({ network }) => network.name === wanted || network.id.startsWith(wanted))) return true
  const { network } = record.spec
  if (network.mode !== 'bridge') return network.mode === wanted
  return network.endpoints === undefined ? network.network === wanted : network.endpoints.some(endpoint => endpoint.network === wanted)
}
