import { sql } from 'kysely'
import type { Email, User } from '#core/accounts/account.ts'
import type { Metric } from '#core/errors.ts'
import type { Db } from '#db/database.ts'

/** An account as its operator sees it. */
export interface ListedUser {
  readonly id: number
  readonly email: Email
  readonly name: string
  readonly isOperator: boolean
  readonly status: User['status']
  /** The personal team. */
  readonly teamId: number
  /** Links of the personal team. */
  readonly links: number
  readonly createdAt: Date
  /** To about a minute; null for whoever never came. */
  readonly lastSeenAt: Date | null
}

/** Which accounts a list is of. */
export interface UserFilter {
  /** Part of the address or the name, in any case (of ASCII letters). */
  readonly search?: string | undefined
  readonly userId?: number | undefined
  /** Only accounts that are older than the one of this id. */
  readonly beforeId?: number | undefined
  readonly limit: number
}

/** Newest first. */
export async function findListedUsers(db: Db, filter: UserFilter): Promise<readonly ListedUser[]> {
  const { search, userId, beforeId, limit } = filter
  let query = db
    .selectFrom('user_account')
    .innerJoin('team', 'team.personal_user_id', 'user_account.id')
    .select((eb) => [
      'user_account.id',
      'user_account.email',
      'user_account.name',
      'user_account.is_operator',
      'user_account.status',
      'user_account.created_at_ms',
      'user_account.last_seen_at_ms',
      'team.id as team_id',
      eb
        .selectFrom('link')
        .select((inner) => inner.fn.countAll<number>().as('count'))
        .whereRef('link.team_id', '=', 'team.id')
        .as('links'),
    ])
    .orderBy('user_account.id', 'desc')
    .limit(limit)
  if (userId !== undefined) query = query.where('user_account.id', '=', userId)
  if (beforeId !== undefined) query = query.where('user_account.id', '<', beforeId)
  if (search !== undefined) {
    const pattern = `%${search.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
    query = query.where((eb) =>
      eb.or(
        (['email', 'name'] as const).map(
          (column) => sql<boolean>`lower(${eb.ref(`user_account.${column}`)}) like ${pattern} escape '\\'`,
        ),
      ),
    )
  }
  return (await query.execute()).map((row) => ({
    id: row.id,
    // Only parsed addresses are ever stored.
    email: row.email as Email,
    name: row.name,
    isOperator: row.is_operator === 1,
    status: row.status,
    teamId: row.team_id,
    links: row.links ?? 0,
    createdAt: new Date(row.created_at_ms),
    lastSeenAt: row.last_seen_at_ms === null ? null : new Date(row.last_seen_at_ms),
  }))
}

/** Keep every operator as it is until the transaction ends. @returns those that can sign in */
export async function lockOperators(db: Db): Promise<readonly number[]> {
  const rows = await db
    .updateTable('user_account')
    // Writing what is there locks the rows on both databases.
    .set({ is_operator: 1 })
    .where('is_operator', '=', 1)
    .returning(['id', 'status'])
    .execute()
  return rows.filter(({ status }) => status === 'active').map(({ id }) => id)
}

/** A team's own limits instead of its plan's; null is unlimited. */
export async function findOverrides(
  db: Db,
  teamId: number,
): Promise<readonly { readonly metric: Metric; readonly value: number | null }[]> {
  const rows = await db
    .selectFrom('plan_override')
    .select(['metric', 'value'])
    .where('team_id', '=', teamId)
    .orderBy('metric')
    .execute()
  // Only metrics are ever stored in that column.
  return rows.map(({ metric, value }) => ({ metric: metric as Metric, value }))
}

/** How many links and files a team has. */
export async function countTeamThings(
  db: Db,
  teamId: number,
): Promise<{ readonly links: number; readonly files: number }> {
  const count = async (table: 'link' | 'shared_file') => {
    const row = await db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('team_id', '=', teamId)
      .executeTakeFirstOrThrow()
    return row.count
  }
  return { links: await count('link'), files: await count('shared_file') }
}

/** The queue of deliveries, as whoever runs the server sees it. */
export interface DeliveryHealth {
  readonly waiting: number
  readonly held: number
  /** Given up since an instant. */
  readonly failed: number
  /** When the one that should go out first is or was due; undefined when none waits. */
  readonly oldestDueAt: Date | undefined
}

export async function findDeliveryHealth(db: Db, failedSince: Date): Promise<DeliveryHealth> {
  const { rows } = await sql<{ waiting: number; oldest: number | null; held: number; failed: number }>`
    select count(*) as waiting, min(due_at_ms) as oldest,
        (select count(*) from delivery where status = 'held') as held,
        (select count(*) from delivery
          where status = 'failed' and done_at_ms >= ${failedSince.getTime()}) as failed
      from delivery where status = 'waiting'`.execute(db)
  const [row] = rows
  return {
    waiting: row?.waiting ?? 0,
    held: row?.held ?? 0,
    failed: row?.failed ?? 0,
    oldestDueAt: row?.oldest == null ? undefined : new Date(row.oldest),
  }
}

/** The last run of a task. */
export interface LastRun {
  readonly task: string
  readonly startedAt: Date
  readonly outcome: 'running' | 'done' | 'failed' | 'stopped' | 'lost'
  readonly problem: string | null
}

/** The last run of each task that has run. */
export async function findLastRuns(db: Db): Promise<readonly LastRun[]> {
  const rows = await db
    .selectFrom('task_run')
    .select(['task', 'started_at_ms', 'outcome', 'problem'])
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('task_run as last')
        .select((inner) => inner.fn.max('last.id').as('id'))
        .groupBy('last.task'),
    )
    .execute()
  return rows.map((row) => ({
    task: row.task,
    startedAt: new Date(row.started_at_ms),
    outcome: row.outcome,
    problem: row.problem,
  }))
}
