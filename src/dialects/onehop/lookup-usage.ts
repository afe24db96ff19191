import { changeSurcharge, getLookupUsage, type LookupUsage as Usage } from '#core/billing/surcharge.ts'
import { endpoint } from './endpoint.ts'
import { LookupUsage, SurchargeChange } from './wire/lookup-usage.ts'

/** Lookup credits, and whether lookups go on when they are used up. */
export const lookupUsageEndpoints = [
  endpoint({
    method: 'GET',
    path: '/lookup-usage',
    summary: "This month's lookup credits",
    tag: 'Billing',
    access: 'user:read',
    answer: LookupUsage,
    handle: async ({ ctx }) => toWire(await getLookupUsage(ctx)),
  }),
  endpoint({
    method: 'PUT',
    path: '/lookup-usage/surcharge',
    summary: 'Whether lookups go on when credits are used up, and how far',
    description: 'For owners and admins of the team.',
    tag: 'Billing',
    access: 'user:write',
    body: SurchargeChange,
    answer: LookupUsage,
    problems: ['role-required'],
    handle: async ({ ctx, body }) => {
      await changeSurcharge(
        ctx,
        body.enabled ? { isOn: true, limit: body.monthly_limit ?? null } : { isOn: false },
      )
      return toWire(await getLookupUsage(ctx))
    },
  }),
]

function toWire({ credits, surcharge, surchargeUsed }: Usage): LookupUsage {
  return {
    used: credits.used,
    limit: credits.limit,
    bought: credits.credits,
    surcharge: {
      enabled: surcharge.isOn,
      monthly_limit: surcharge.isOn ? surcharge.limit : null,
      used: surchargeUsed,
    },
  }
}
