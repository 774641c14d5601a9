/** `ps --filter`: which containers are shown. */
import { TsnetError } from '../../errors/error.ts'
import type { ContainerDetails } from '../../runtime/container-service-api.ts'
import { type Filters, fits, fitsLabels, namePattern, parseFilters } from './filters.ts'

export const containerFilterNames = ['exited', 'id', 'label', 'name', 'network', 'status'] as const

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
        && fitsLabels(filters, { ...image?.defaults.labels, ...record.spec.labels })
    },
  }
}

function checkValues(filters: Filters): void {
  for (const value of filters.get('name') ?? []) namePattern(value)
  for (const status of filters.get('status') ?? []) {
    if (!statuses.includes(status)) throw new TsnetError('invalid-argument', `--filter "status=${status}": there are ${statuses.join(', ')}`)
  }
  for (const code of filters.get('exited') ?? []) {
    if (!/^\d+$/.test(code)) throw new TsnetError('invalid-argument', `--filter "exited=${code}": it is no exit status`)
  }
}

/** By name or id; of a container that does not run, as it was asked for. */
function isOn({ record, endpoints }: ContainerDetails, wanted: string): boolean {
  if (endpoints.some(({ network }) => network.name === wanted || network.id.startsWith(wanted))) return true
  const { network } = record.spec
  if (network.mode !== 'bridge') return network.mode === wanted
  return network.endpoints === undefined ? network.network === wanted : network.endpoints.some(endpoint => endpoint.network === wanted)
}
