import { type Kysely, sql } from 'kysely'
import { addIdColumn } from '#db/portable.ts'

/** Subscriptions that are paid for, orders, the schedule, weekly reports. Every subscription that exists is a grant. */
export async function up(db: Kysely<any>): Promise<void> {
  for (const [name, type] of [
    ['interval', 'text'],
    ['anchor_ms', 'bigint'],
    ['paid_until_ms', 'bigint'],
    ['term_cents', 'bigint'],
    ['next_plan', 'text'],
    ['next_interval', 'text'],
    ['lowered_at_ms', 'bigint'],
  ] as const)
    await db.schema.alterTable('subscription').addColumn(name, type).execute()
  await db.schema
    .alterTable('subscription')
    .addColumn('is_ending', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema
    .createIndex('subscription_by_paid_until')
    .on('subscription')
    .column('paid_until_ms')
    .where('paid_until_ms', 'is not', null)
    .execute()

  await addIdColumn(db, db.schema.createTable('billing_order'))
    .addColumn('public_id', 'text', (column) => column.notNull().unique())
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('user_id', 'bigint', (column) => column.references('user_account.id').onDelete('set null'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('plan', 'text')
    .addColumn('interval', 'text')
    .addColumn('due_ms', 'bigint')
    .addColumn('metric', 'text')
    .addColumn('quantity', 'bigint')
    .addColumn('amount_cents', 'bigint', (column) => column.notNull())
    .addColumn('currency', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('asked_at_ms', 'bigint')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('decided_at_ms', 'bigint')
    .addColumn('decided_by', 'bigint', (column) => column.references('user_account.id').onDelete('set null'))
    .execute()
  await db.schema
    .createIndex('billing_order_by_team')
    .on('billing_order')
    .columns(['team_id', 'id'])
    .execute()
  await db.schema
    .createIndex('billing_order_waiting')
    .on('billing_order')
    .column('expires_at_ms')
    .where(sql.ref('status'), '=', 'pending')
    .execute()
  await db.schema
    .createIndex('billing_order_one_plan_order')
    .unique()
    .on('billing_order')
    .column('team_id')
    .where(sql.ref('status'), '=', 'pending')
    .where(sql.ref('kind'), '<>', 'credits')
    .execute()

  await db.schema
    .createTable('scheduled_task')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('done_through_ms', 'bigint', (column) => column.notNull())
    .addColumn('holder', 'text')
    .addColumn('lease_until_ms', 'bigint', (column) => column.notNull())
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addColumn('retry_at_ms', 'bigint', (column) => column.notNull())
    .execute()

  await addIdColumn(db, db.schema.createTable('task_run'))
    .addColumn('task', 'text', (column) => column.notNull())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('finished_at_ms', 'bigint')
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('counts', 'text', (column) => column.notNull())
    .addColumn('problem', 'text')
    .execute()
  await db.schema.createIndex('task_run_by_task').on('task_run').columns(['task', 'id']).execute()
  await db.schema.createIndex('task_run_by_start').on('task_run').column('started_at_ms').execute()

  await db.schema
    .createTable('weekly_report')
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('user_id', 'bigint', (column) =>
      column.notNull().references('user_account.id').onDelete('cascade'),
    )
    .addColumn('week_start_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('weekly_report_pk', ['team_id', 'user_id', 'week_start_ms'])
    .execute()
  await db.schema.createIndex('weekly_report_by_week').on('weekly_report').column('week_start_ms').execute()

  await db.schema
    .createTable('mail_opt_out')
    .addColumn('user_id', 'bigint', (column) =>
      column.notNull().references('user_account.id').onDelete('cascade'),
    )
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('mail_opt_out_pk', ['user_id', 'kind'])
    .execute()
}
