/**
 * The schema of the state database, as a list of steps: step n brings a database from `user_version` n to n + 1.
 *
 * Steps are never edited once released, only added. All record tables have the same shape: what queries need as columns, the
 * record itself as JSON in `doc`.
 */

/** Record tables: one row per object, see `store/table.ts`. */
export const tableNames = ['networks', 'sandboxes', 'endpoints', 'containers', 'images', 'volumes'] as const
export type TableName = typeof tableNames[number]

function recordTable(name: TableName): string {
  return `
    CREATE TABLE ${name} (
      id TEXT PRIMARY KEY,
      name TEXT,
      parent TEXT NOT NULL DEFAULT '',
      sandbox TEXT NOT NULL DEFAULT '',
      state TEXT NOT NULL DEFAULT '',
      owner TEXT NOT NULL DEFAULT '',
      doc TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX ${name}_name ON ${name} (parent, name) WHERE name IS NOT NULL;
    CREATE INDEX ${name}_sandbox ON ${name} (sandbox);
    CREATE INDEX ${name}_state ON ${name} (state);`
}

const ipam = `
  CREATE TABLE ipam_leases (
    subnet TEXT NOT NULL,
    address TEXT NOT NULL,
    holder TEXT NOT NULL,
    name TEXT NOT NULL,
    released INTEGER,
    PRIMARY KEY (subnet, address)
  ) WITHOUT ROWID;
  CREATE INDEX ipam_leases_name ON ipam_leases (subnet, name);
  CREATE INDEX ipam_leases_released ON ipam_leases (subnet, released);
  CREATE TABLE ipam_blocks (
    subnet TEXT NOT NULL, block TEXT NOT NULL, bits BLOB NOT NULL, PRIMARY KEY (subnet, block)
  ) WITHOUT ROWID;
  CREATE TABLE ipam_cursors (subnet TEXT PRIMARY KEY, last TEXT NOT NULL) WITHOUT ROWID;`

export const migrations: readonly string[] = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
   ${tableNames.map(recordTable).join('\n')}
   ${ipam}`,
]
