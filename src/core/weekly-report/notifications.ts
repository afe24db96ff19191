import type { Ctx } from '#core/context.ts'
import { requireAbility, requireOwnAccount } from '#core/permissions.ts'
import { deleteOptOut, insertOptOut, isOptedOut } from './weekly-report-queries.ts'

/** What an account is told by mail without asking for it each time. */
export interface Notifications {
  readonly weeklyReport: boolean
}

/** @throws DomainError `unauthenticated` or `forbidden` */
export async function getNotifications(ctx: Ctx): Promise<Notifications> {
  const { userId } = requireAbility(ctx.actor, 'user:read')
  return { weeklyReport: !(await isOptedOut(ctx.db, userId)) }
}

/** @throws DomainError `unauthenticated` or `forbidden` */
export async function setNotifications(
  ctx: Ctx,
  { weeklyReport }: { readonly weeklyReport?: boolean | undefined },
): Promise<Notifications> {
  const { userId } = requireOwnAccount(ctx.actor)
  if (weeklyReport === true) await deleteOptOut(ctx.db, userId)
  if (weeklyReport === false) await insertOptOut(ctx.db, userId, ctx.now())
  return getNotifications(ctx)
}
