import { z } from 'zod'
import type { PlanCatalogue } from './plan.ts'

const Count = z.int().min(0).nullable()

const PlanFile = z.strictObject({
  plans: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(60),
        priceMonthly: z.number().min(0).nullable(),
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
})

/**
 * Read the operator's own plan catalogue (JSON: `{"plans": [...]}`, cheapest first, the last being the one of
 * the first account).
 *
 * @throws Error whose message names every field that is wrong
 */
export function parsePlans(text: string): PlanCatalogue {
  const parsed = PlanFile.safeParse(JSON.parse(text))
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error))
  const names = parsed.data.plans.map((plan) => plan.name.toLowerCase())
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`two plans are called "${twice}"`)
  return parsed.data
}
