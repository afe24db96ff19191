import type { Selectable } from 'kysely'
import type { Db, Tables } from '#db/database.ts'
import type { Order, OrderOfTeam, OrderStatus, OrderSubject } from './order.ts'
import type { CreditMetric } from './prices.ts'

export interface NewOrder {
  readonly publicId: string
  readonly teamId: number
  readonly userId: number | null
  readonly subject: OrderSubject
  /** Until when the term that a renewal goes on from is paid. */
  readonly due: Date | null
  readonly amountCents: number
  readonly currency: string
  readonly provider: string
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** A team has one pending order of a plan at most: expire the one there is first. */
export async function insertOrder(db: Db, order: NewOrder): Promise<Order> {
  const { subject } = order
  const row = await db
    .insertInto('billing_order')
    .values({
      public_id: order.publicId,
      team_id: order.teamId,
      user_id: order.userId,
      kind: subject.kind,
      plan: subject.kind === 'credits' ? null : subject.plan,
      interval: subject.kind === 'credits' ? null : subject.interval,
      due_ms: order.due?.getTime() ?? null,
      metric: subject.kind === 'credits' ? subject.metric : null,
      quantity: subject.kind === 'credits' ? subject.quantity : null,
      amount_cents: order.amountCents,
      currency: order.currency,
      status: 'pending',
      provider: order.provider,
      asked_at_ms: null,
      created_at_ms: order.createdAt.getTime(),
      expires_at_ms: order.expiresAt.getTime(),
      decided_at_ms: null,
      decided_by: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return toOrder(row)
}

/**
 * Decide a pending order that has not expired, once: of several that try, one succeeds.
 *
 * @returns undefined when it was not pending; nothing changed then
 */
export async function decidePendingOrder(
  db: Db,
  orderId: number,
  decision: { readonly status: 'approved' | 'rejected'; readonly now: Date; readonly userId: number | null },
): Promise<Order | undefined> {
  const row = await db
    .updateTable('billing_order')
    .set({ status: decision.status, decided_at_ms: decision.now.getTime(), decided_by: decision.userId })
    .where('id', '=', orderId)
    .where('status', '=', 'pending')
    .where('expires_at_ms', '>', decision.now.getTime())
    .returningAll()
    .executeTakeFirst()
  return row && toOrder(row)
}

/** Expire the pending order of a plan that a team has, if any. */
export async function expirePlanOrder(db: Db, teamId: number, now: Date): Promise<void> {
  await db
    .updateTable('billing_order')
    .set({ status: 'expired', decided_at_ms: now.getTime() })
    .where('team_id', '=', teamId)
    .where('status', '=', 'pending')
    .where('kind', '<>', 'credits')
    .execute()
}

/** Expire every pending order whose time is over. @returns how many */
export async function expireOrders(db: Db, now: Date): Promise<number> {
  const result = await db
    .updateTable('billing_order')
    .set((eb) => ({ status: 'expired', decided_at_ms: eb.ref('expires_at_ms') }))
    .where('status', '=', 'pending')
    .where('expires_at_ms', '<=', now.getTime())
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}

/**
 * Whether a team's renewal is not to be ordered: its term has a renewal that is pending or was rejected, or another
 * plan is on order.
 */
export async function isRenewalOrdered(db: Db, teamId: number, due: Date): Promise<boolean> {
  const row = await db
    .selectFrom('billing_order')
    .select('id')
    .where('team_id', '=', teamId)
    .where('kind', '<>', 'credits')
    .where((eb) =>
      eb.or([
        eb('status', '=', 'pending'),
        eb.and([eb('due_ms', '=', due.getTime()), eb('status', '=', 'rejected')]),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Pending orders their provider has not taken note of, oldest first. */
export async function findUnaskedOrders(db: Db, now: Date, limit: number): Promise<readonly Order[]> {
  const rows = await db
    .selectFrom('billing_order')
    .selectAll()
    .where('status', '=', 'pending')
    .where('asked_at_ms', 'is', null)
    .where('expires_at_ms', '>', now.getTime())
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(toOrder)
}

export async function setOrderAsked(db: Db, orderId: number, now: Date): Promise<void> {
  await db
    .updateTable('billing_order')
    .set({ asked_at_ms: now.getTime() })
    .where('id', '=', orderId)
    .execute()
}

/** Which orders a list is of. */
export interface OrderFilter {
  /** Undefined: of every team. */
  readonly teamId: number | undefined
  readonly status?: OrderStatus | undefined
  /** Only orders that are older than the one of this public id. */
  readonly before?: string | undefined
  readonly limit: number
}

/** Newest first. */
export async function findOrders(db: Db, filter: OrderFilter): Promise<readonly OrderOfTeam[]> {
  const { teamId, status, before, limit } = filter
  let query = ordersWithOwner(db).orderBy('billing_order.id', 'desc').limit(limit)
  if (teamId !== undefined) query = query.where('billing_order.team_id', '=', teamId)
  if (status !== undefined) query = query.where('billing_order.status', '=', status)
  if (before !== undefined)
    query = query.where('billing_order.id', '<', (eb) =>
      eb.selectFrom('billing_order as other').select('other.id').where('other.public_id', '=', before),
    )
  return (await query.execute()).map(toOrderOfTeam)
}

export async function findOrder(db: Db, publicId: string): Promise<OrderOfTeam | undefined> {
  const row = await ordersWithOwner(db)
    .where('billing_order.public_id', '=', publicId)
    .orderBy('owner.id')
    .executeTakeFirst()
  return row && toOrderOfTeam(row)
}

function ordersWithOwner(db: Db) {
  return db
    .selectFrom('billing_order')
    .innerJoin('team', 'team.id', 'billing_order.team_id')
    .leftJoin('user_account as owner', (join) =>
      join.on('owner.id', '=', (eb) =>
        eb
          .selectFrom('membership')
          .select((inner) => inner.fn.min('membership.user_id').as('id'))
          .whereRef('membership.team_id', '=', 'billing_order.team_id')
          .where('membership.role', '=', 'owner'),
      ),
    )
    .selectAll('billing_order')
    .select(['team.name as team_name', 'owner.email as owner_email'])
}

function toOrderOfTeam(
  row: Selectable<Tables['billing_order']> & {
    readonly team_name: string
    readonly owner_email: string | null
  },
): OrderOfTeam {
  return { ...toOrder(row), teamName: row.team_name, ownerEmail: row.owner_email }
}

function toOrder(row: Selectable<Tables['billing_order']>): Order {
  return {
    id: row.id,
    publicId: row.public_id,
    teamId: row.team_id,
    userId: row.user_id,
    subject: toSubject(row),
    amountCents: row.amount_cents,
    currency: row.currency,
    status: row.status,
    provider: row.provider,
    createdAt: new Date(row.created_at_ms),
    expiresAt: new Date(row.expires_at_ms),
    decidedAt: row.decided_at_ms === null ? null : new Date(row.decided_at_ms),
  }
}

/** Only whole subjects are ever stored. */
function toSubject(row: Selectable<Tables['billing_order']>): OrderSubject {
  return row.kind === 'credits'
    ? { kind: row.kind, metric: (row.metric ?? 'links') as CreditMetric, quantity: row.quantity ?? 0 }
    : { kind: row.kind, plan: row.plan ?? '', interval: row.interval ?? 'month' }
}
