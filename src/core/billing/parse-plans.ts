import { z } from 'zod'
import type { PlanCatalogue } from './plan.ts'

const Count = z.int().min(0).nullable()

const Price = z.number().min(0).max(1_000_000).nullable()

const PlanFile = z.strictObject({
  plans: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(60),
        priceMonthly: Price,
        priceYearly: Price.optional(),
        monthly: z.strictObject({
          links: Count,
          'qr-codes': Count,
          'api-calls': Count,
          clicks: Count,
          'lookup-credits': Count,
        }),
        apiCallsPerMinute: z.int().min(1),
        analyticsDays: z.int().min(1).nullable(),
        typedLinks: z.boolean(),
        lynklensApi: z.boolean(),
        ipgeolocationApi: z.boolean(),
        fileCount: Count,
        fileStorageBytes: Count,
        extraKeys: Count,
      }),
    )
    .min(1)
    .max(50),
  creditPrices: z.strictObject({ links: Price.optional(), 'qr-codes': Price.optional() }).optional(),
})

/**
 * Read the operator's own plan catalogue (JSON: `{"plans": [...]}`, cheapest first, the last being the one of
 * the first account). Without a price of its own a year costs twelve months; credits without a price are not sold.
 *
 * @throws Error whose message names every field that is wrong
 */
export function parsePlans(text: string): PlanCatalogue {
  const parsed = PlanFile.safeParse(JSON.parse(text))
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error))
  const names = parsed.data.plans.map((plan) => plan.name.toLowerCase())
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`two plans are called "${twice}"`)
  return {
    plans: parsed.data.plans.map((plan) => ({
      ...plan,
      priceYearly: plan.priceYearly === undefined ? yearOf(plan.priceMonthly) : plan.priceYearly,
    })),
    creditPrices: {
      links: parsed.data.creditPrices?.links ?? null,
      'qr-codes': parsed.data.creditPrices?.['qr-codes'] ?? null,
    },
  }
}

function yearOf(priceMonthly: number | null): number | null {
  return priceMonthly === null ? null : 12 * priceMonthly
}
