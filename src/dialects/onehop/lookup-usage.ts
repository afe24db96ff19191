import { Hono } from 'hono'
import { z } from 'zod'
import { changeSurcharge, getLookupUsage, type LookupUsage, MAX_SURCHARGE } from '#core/billing/surcharge.ts'
import type { Env } from '#http/dialect.ts'
import { readJson } from '#http/read-json.ts'

const SurchargeBody = z.discriminatedUnion('enabled', [
  z.object({ enabled: z.literal(false) }),
  z.object({ enabled: z.literal(true), monthly_limit: z.int().min(0).max(MAX_SURCHARGE).nullish() }),
])

/** Lookup credits, and whether lookups go on when they are used up. */
export function lookupUsage(): Hono<Env> {
  return new Hono<Env>()
    .get('/lookup-usage', async (c) => c.json(toWire(await getLookupUsage(c.var.ctx))))
    .put('/lookup-usage/surcharge', async (c) => {
      const body = await readJson(c.req, SurchargeBody)
      await changeSurcharge(
        c.var.ctx,
        body.enabled ? { isOn: true, limit: body.monthly_limit ?? null } : { isOn: false },
      )
      return c.json(toWire(await getLookupUsage(c.var.ctx)))
    })
}

function toWire({ credits, surcharge, surchargeUsed }: LookupUsage) {
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
