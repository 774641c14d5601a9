/**
 * The schema of the state database, as a list of steps: step n brings a database from `user_version` n to n + 1.
 *
 * Steps are never edited once released, only added. All record tables have the same shape: what queries need as columns, the
 * record itself as JSON in `doc`.
 */
import { cniSchema } from './cni-schema.ts'

/** Record tables: one row per object, see `store/table.ts`. */
const firstTables = ['networks', 'sandboxes', 'endpoints', 'containers', 'images', 'volumes'] as const
export type TableName = typeof firstTables[number] | 'cni_attachments' | 'pools'

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

/** Only memories are looked up by name and age; without an entry for each lease, handing one out costs half as much. */
const ipamMemories = `
  DROP INDEX ipam_leases_name;
  DROP INDEX ipam_leases_released;
  CREATE INDEX ipam_leases_name ON ipam_leases (subnet, name, released) WHERE released IS NOT NULL;
  CREATE INDEX ipam_leases_released ON ipam_leases (subnet, released) WHERE released IS NOT NULL;`

const summaryOf = (row: string): string => `${row}.id, coalesce(${row}.name, ''), json_extract(${row}.doc, '$.parsed.bridgeName'),
  (SELECT coalesce(group_concat(value ->> 'cidr', ' '), '') FROM json_each(${row}.doc, '$.subnets'))`

const summaryTriggers = `
  CREATE TRIGGER network_inserted AFTER INSERT ON networks BEGIN
    INSERT INTO network_summaries SELECT ${summaryOf('NEW')};
  END;
  CREATE TRIGGER network_updated AFTER UPDATE OF doc, name ON networks BEGIN
    DELETE FROM network_summaries WHERE id = OLD.id;
    INSERT INTO network_summaries SELECT ${summaryOf('NEW')};
  END;
  CREATE TRIGGER network_deleted AFTER DELETE ON networks BEGIN
    DELETE FROM network_summaries WHERE id = OLD.id;
  END;`

/** What is read of all other networks when one is made: not their documents, most of which are lists of kernel objects. */
const networkSummaries = `
  CREATE TABLE network_summaries (id TEXT PRIMARY KEY, name TEXT NOT NULL, bridge TEXT, subnets TEXT NOT NULL) WITHOUT ROWID;
  INSERT INTO network_summaries SELECT ${summaryOf('networks')} FROM networks;
  ${summaryTriggers}`

/** Few leases are: those of containers that do not run. */
const ipamKept = "CREATE INDEX ipam_leases_kept ON ipam_leases (holder) WHERE name GLOB 'kept:*'"

const events = `
  CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, type TEXT NOT NULL, action TEXT NOT NULL, actor TEXT NOT NULL,
    attributes TEXT NOT NULL
  );`

/**
 * Without rowids, a search reads the whole of every record that it passes, a document of a thousand ports as well; with them, an index of ids.
 * The old table's triggers go with it.
 */
function withRowids(name: TableName): string {
  const indexes = ['name', 'sandbox', 'state'].map(column => `DROP INDEX ${name}_${column};`)
  return `
    ALTER TABLE ${name} RENAME TO old_${name};
    ${indexes.join('\n')}
    ${recordTable(name).replace('WITHOUT ROWID', '')}
    INSERT INTO ${name} SELECT id, name, parent, sandbox, state, owner, doc FROM old_${name};
    DROP TABLE old_${name};`
}

export const migrations: readonly string[] = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
   ${firstTables.map(recordTable).join('\n')}
   ${ipam}`,
  ipamMemories,
  networkSummaries,
  ipamKept,
  `${recordTable('cni_attachments')}
   ${cniSchema}`,
  events,
  recordTable('pools'),
  `${[...firstTables, 'cni_attachments' as const, 'pools' as const].map(name => withRowids(name)).join('\n')}
   ${summaryTriggers}`,
]
