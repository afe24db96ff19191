import { Hono } from 'hono'
import { getProfile } from '#core/accounts/profile.ts'
import { getTeamLimits, remaining } from '#core/billing/limits.ts'
import type { Env } from '#http/dialect.ts'

/** Account, plan and the month's usage. Source: contract "GET /api/v1/me"; no limit is null. */
export function me(): Hono<Env> {
  return new Hono<Env>().get('/', async (c) => {
    const { user } = await getProfile(c.var.ctx)
    const { plan, links, clicks } = await getTeamLimits(c.var.ctx)
    return c.json({
      data: {
        email: user.email,
        plan: { name: plan.name, linkLimit: links.limit, clickLimit: clicks.limit },
        usage: { linksUsed: links.used, linksRemaining: remaining(links), clicksUsed: clicks.used },
      },
    })
  })
}
