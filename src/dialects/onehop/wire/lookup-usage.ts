import { z } from 'zod'

/** What a surcharge can be limited to; that of the product. */
const MAX_SURCHARGE = 1_000_000_000

export const LookupUsage = z
  .object({
    used: z.int(),
    limit: z.int().nullable().meta({ description: 'Null is unlimited.' }),
    bought: z.int(),
    surcharge: z.object({ enabled: z.boolean(), monthly_limit: z.int().nullable(), used: z.int() }),
  })
  .meta({ id: 'LookupUsage' })
export type LookupUsage = z.infer<typeof LookupUsage>

export const SurchargeChange = z.discriminatedUnion('enabled', [
  z.object({ enabled: z.literal(false) }),
  z.object({ enabled: z.literal(true), monthly_limit: z.int().min(0).max(MAX_SURCHARGE).nullish() }),
])
export type SurchargeChange = z.infer<typeof SurchargeChange>
