import { recordChange } from '#core/audit/record-change.ts'
import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { requireAbility, requireTeamAdmin } from '#core/permissions.ts'
import { deleteSurcharge, findSurcharge, putSurcharge } from './credit-queries.ts'
import { getUsage, type Usage, usageMonth } from './usage.ts'
import { findUsage } from './usage-queries.ts'

/** Whether a team's lookups go on when its credits are used up, and how far. */
export type Surcharge =
  | { readonly isOn: false }
  /** `limit` is lookups a month; null is any number. */
  | { readonly isOn: true; readonly limit: number | null }

/** A team's lookups this month. */
export interface LookupUsage {
  readonly credits: Usage
  readonly surcharge: Surcharge
  /** Lookups beyond the credits. */
  readonly surchargeUsed: number
}

/** The most that a surcharge can be limited to. */
export const MAX_SURCHARGE = 1_000_000_000

/**
 * The acting team's credits and surcharge.
 *
 * @throws DomainError `unauthenticated`, `account-blocked` or `forbidden`
 */
export async function getLookupUsage(ctx: Ctx): Promise<LookupUsage> {
  const { teamId } = requireAbility(ctx.actor, 'user:read')
  const month = usageMonth(ctx.now())
  const { used } = await findUsage(ctx.db, { teamId, month, metric: 'lookup-surcharge' })
  return {
    credits: await getUsage(ctx, teamId, 'lookup-credits'),
    surcharge: await getSurcharge(ctx, teamId),
    surchargeUsed: used,
  }
}

/**
 * Decide whether the acting team's lookups go on when its credits are used up.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden` or `role-required`
 */
export async function changeSurcharge(ctx: Ctx, surcharge: Surcharge): Promise<void> {
  await setSurcharge(ctx, requireTeamAdmin(ctx.actor).teamId, surcharge)
}

/** The same for any team, on an operator's word. */
export async function setSurcharge(services: Services, teamId: number, surcharge: Surcharge): Promise<void> {
  await inTransaction(services, async (tx) => {
    const before = await getSurcharge(tx, teamId)
    if (surcharge.isOn) await putSurcharge(tx.db, teamId, surcharge.limit)
    else await deleteSurcharge(tx.db, teamId)
    await recordChange(tx, {
      action: 'surcharge.changed',
      teamId,
      subject: `team ${teamId}`,
      before: facts(before),
      after: facts(surcharge),
    })
  })
}

export async function getSurcharge(services: Services, teamId: number): Promise<Surcharge> {
  const limit = await findSurcharge(services.db, teamId)
  return limit === undefined ? { isOn: false } : { isOn: true, limit }
}

function facts(surcharge: Surcharge) {
  return surcharge.isOn ? { surcharge: true, monthly_limit: surcharge.limit } : { surcharge: false }
}
