/** What all lists share: Docker's table, or with `--format` JSON, a template, or a template with titles above it (`table {{.ID}}\t{{.Name}}`). */
import { formatTable } from './table.ts'
import { Template, formatTemplate } from './template.ts'

/** Titles in their order, and the fields below them. */
export type Columns = Readonly<Record<string, string>>

/** @throws invalid-argument */
export function formatRows(format: string | undefined, rows: readonly object[], columns: Columns): readonly string[] {
  const [, ownColumns] = /^table\s+([^]+)$/.exec(format ?? '') ?? []
  if (ownColumns !== undefined) {
    const template = new Template(ownColumns)
    const cells = (line: string): readonly string[] => line.split('\t')
    return formatTable(cells(template.titles(field => titleOf(field, columns))), rows.map(row => cells(template.format(row))))
  }
  if (format === undefined || format === 'table') {
    const cells = (row: Readonly<Record<string, unknown>>): readonly string[] => Object.values(columns).map(field => String(row[field]))
    return formatTable(Object.keys(columns), rows.map(row => cells({ ...row })))
  }
  // Understood or not, also where there is no row.
  if (format !== 'json') new Template(format)
  return rows.map(row => formatTemplate(format, row))
}

function titleOf(field: string, columns: Columns): string {
  const [title] = Object.entries(columns).find(([, one]) => one === field) ?? []
  return title ?? field.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toUpperCase()
}
