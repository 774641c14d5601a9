/** `tsnet image ls [-q] [--no-trunc] [--format json|TEMPLATE]` */
import type { Command } from 'commander'
import type { ImageRecord } from '../../runtime/images/image.ts'
import { familiarName } from '../../runtime/images/reference.ts'
import type { Cli } from '../cli.ts'
import { formatSize } from '../output/size.ts'
import { formatRows } from '../output/rows.ts'
import { formatAge } from '../output/time.ts'

export function define(command: Command, cli: Cli): void {
  command.description('List images')
    .option('-a, --all', 'accepted; all are shown')
    .option('-q, --quiet', 'only ids')
    .option('--no-trunc', 'do not shorten')
    .option('--format <format>', 'json, or a template such as {{.Repository}}')
    .action(async ({ quiet, trunc, format }: { readonly quiet?: true, readonly trunc: boolean, readonly format?: string }) => {
      const { images } = await cli.engine()
      const rows = images.store.list().flatMap(image => rowsOf(image, trunc))
      const lines = quiet === true ? [...new Set(rows.map(row => row.ID))]
        : formatRows(format, rows, { REPOSITORY: 'Repository', TAG: 'Tag', 'IMAGE ID': 'ID', CREATED: 'CreatedSince', SIZE: 'Size' })
      for (const line of lines) cli.print(line)
    })
}

interface Row {
  readonly Repository: string
  readonly Tag: string
  readonly ID: string
  readonly CreatedAt: string
  readonly CreatedSince: string
  readonly Size: string
}

/** A line per name, and one for an image without any. */
function rowsOf(image: ImageRecord, truncate: boolean): readonly Row[] {
  const shared = {
    ID: truncate ? image.id.slice('sha256:'.length, 'sha256:'.length + 12) : image.id,
    CreatedAt: image.created, CreatedSince: `${formatAge(image.created, Date.now())} ago`, Size: formatSize(image.sizeBytes),
  }
  const names = image.references.map(familiarName)
  if (names.length === 0) return [{ Repository: '<none>', Tag: '<none>', ...shared }]
  return names.map(name => ({ Repository: name.slice(0, name.lastIndexOf(':')), Tag: name.slice(name.lastIndexOf(':') + 1), ...shared }))
}
