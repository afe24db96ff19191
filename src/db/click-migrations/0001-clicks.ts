import { type CreateTableBuilder, type Kysely, sql } from 'kysely'
import { addIdColumn, databaseKind } from '#db/portable.ts'

const DIMENSIONS = [
  'country',
  'region',
  'city',
  'continent',
  'browser',
  'operating_system',
  'device',
  'referrer',
  'language',
  'as',
  'network',
  'utm_source',
  'utm_medium',
  'utm_campaign',
]

/** How far each spool has been read, counts that outlive clicks, what is forgotten, and the clicks themselves. */
export async function up(db: Kysely<any>): Promise<void> {
  await addIdColumn(db, db.schema.createTable('spool'))
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('segment', 'bigint', (column) => column.notNull())
    .addColumn('offset_bytes', 'bigint', (column) => column.notNull())
    .addColumn('next_click_id', 'bigint', (column) => column.notNull())
    .execute()

  await db.schema
    .createTable('visitor_key')
    .addColumn('day', 'text', (column) => column.primaryKey())
    .addColumn('secret', 'text', (column) => column.notNull())
    .execute()

  await db.schema
    .createTable('click_total')
    .addColumn('link_id', 'bigint', (column) => column.notNull())
    .addColumn('team_id', 'bigint', (column) => column.notNull())
    .addColumn('clicks', 'bigint', (column) => column.notNull())
    .addColumn('human_clicks', 'bigint', (column) => column.notNull())
    .addColumn('scans', 'bigint', (column) => column.notNull())
    .addColumn('human_scans', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('click_total_pk', ['link_id', 'team_id'])
    .execute()

  await db.schema
    .createTable('click_usage')
    .addColumn('team_id', 'bigint', (column) => column.notNull())
    .addColumn('month', 'text', (column) => column.notNull())
    .addColumn('clicks', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('click_usage_pk', ['team_id', 'month'])
    .execute()

  await addIdColumn(db, db.schema.createTable('deleted_link'))
    .addColumn('link_id', 'bigint', (column) => column.notNull().unique())
    .addColumn('deleted_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('is_purged', 'integer', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('deleted_link_unpurged')
    .on('deleted_link')
    .column('link_id')
    .where(sql.ref('is_purged'), '=', sql.lit(0))
    .execute()

  await db.schema
    .createTable('click_cutoff')
    .addColumn('team_id', 'bigint', (column) => column.primaryKey())
    .addColumn('before_ms', 'bigint', (column) => column.notNull())
    .addColumn('swept_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('click_cutoff_unswept')
    .on('click_cutoff')
    .column('team_id')
    .where(sql.ref('swept_ms'), '<', sql.ref('before_ms'))
    .execute()

  await (databaseKind(db) === 'sqlite' ? createRuns(db) : createClicks(db))
}

/** PostgreSQL: a row for each click. */
async function createClicks(db: Kysely<any>): Promise<void> {
  let clicks: CreateTableBuilder<string, string> = db.schema
    .createTable('click')
    .addColumn('spool_id', 'bigint', (column) => column.notNull())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('link_id', 'bigint', (column) => column.notNull())
    .addColumn('team_id', 'bigint', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('visitor', 'text', (column) => column.notNull())
    .addColumn('is_bot', 'integer', (column) => column.notNull())
    .addColumn('is_scan', 'integer', (column) => column.notNull())
  for (const dimension of DIMENSIONS)
    clicks = clicks.addColumn(dimension, 'text', (column) => column.notNull())
  await clicks.addPrimaryKeyConstraint('click_pk', ['spool_id', 'position']).execute()
  await db.schema.createIndex('click_by_link').on('click').columns(['link_id', 'at_ms']).execute()
  await db.schema.createIndex('click_by_team').on('click').columns(['team_id', 'at_ms']).execute()
}

/** SQLite: recent clicks as rows, of which one tail is filled while the other is made into runs of columns. */
async function createRuns(db: Kysely<any>): Promise<void> {
  const withoutRowid = sql`without rowid`

  await db.schema
    .createTable('click_value')
    .addColumn('dimension', 'integer', (column) => column.notNull())
    .addColumn('id', 'integer', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('click_value_pk', ['dimension', 'id'])
    .addUniqueConstraint('click_value_unique', ['dimension', 'value'])
    .modifyEnd(withoutRowid)
    .execute()

  for (const name of ['click_tail_0', 'click_tail_1']) {
    let tail: CreateTableBuilder<string, string> = db.schema.createTable(name)
    for (const column of ['team_id', 'link_id', 'at_ms', 'spool_id', 'position'])
      tail = tail.addColumn(column, 'integer', (definition) => definition.notNull())
    for (const column of ['kind', 'visitor_high', 'visitor_low', ...DIMENSIONS])
      tail = tail.addColumn(column, 'integer', (definition) => definition.notNull())
    await tail
      .addPrimaryKeyConstraint(`${name}_pk`, ['team_id', 'link_id', 'at_ms', 'spool_id', 'position'])
      .modifyEnd(withoutRowid)
      .execute()
  }

  await db.schema
    .createTable('click_state')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('filling_tail', 'integer', (column) => column.notNull())
    .addColumn('maintainer', 'text', (column) => column.notNull())
    .execute()
  await db.insertInto('click_state').values({ id: 1, filling_tail: 0, maintainer: '' }).execute()

  await addIdColumn(db, db.schema.createTable('click_run'))
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('month_ms', 'integer', (column) => column.notNull())
    .addColumn('from_ms', 'integer', (column) => column.notNull())
    .addColumn('to_ms', 'integer', (column) => column.notNull())
    .addColumn('clicks', 'integer', (column) => column.notNull())
    .addColumn('next_seq', 'integer', (column) => column.notNull())
    .addColumn('last_team_id', 'integer', (column) => column.notNull())
    .addColumn('last_link_id', 'integer', (column) => column.notNull())
    .addColumn('merged_into', 'integer')
    .execute()

  await db.schema
    .createTable('click_block')
    .addColumn('run_id', 'integer', (column) => column.notNull())
    .addColumn('team_id', 'integer', (column) => column.notNull())
    .addColumn('link_id', 'integer', (column) => column.notNull())
    .addColumn('last_team_id', 'integer', (column) => column.notNull())
    .addColumn('last_link_id', 'integer', (column) => column.notNull())
    .addColumn('blob_id', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('click_block_pk', ['run_id', 'team_id', 'link_id'])
    .modifyEnd(withoutRowid)
    .execute()

  await db.schema
    .createTable('click_blob')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('bytes', 'blob', (column) => column.notNull())
    .execute()
}
