import type { Metric } from '#core/errors.ts'
import type { Plan, PlanCatalogue } from './plan.ts'

const METRICS: readonly Metric[] = ['links', 'qr-codes', 'api-calls', 'clicks', 'lookup-credits']

const GIGABYTE = 1_000_000_000

/** A year costs as much as so many months. */
const MONTHS_A_YEAR_COSTS = 10

/** The plans of an installation that brings no catalogue of its own. */
export const DEFAULT_PLANS: PlanCatalogue = {
  plans: [
    plan('Free', 0, [5, 5, 0, 1_000, 100], {
      perMinute: 60,
      days: 30,
      files: [25, 1],
      extraKeys: 0,
      paid: false,
    }),
    plan('Starter', 5, [100, 25, 5_000, 25_000, 150_000], {
      perMinute: 60,
      days: 90,
      files: [250, 10],
      extraKeys: 1,
    }),
    plan('Core', 8, [100, 25, 5_000, 50_000, 250_000], {
      perMinute: 60,
      days: 90,
      files: [500, 20],
      extraKeys: 1,
    }),
    plan('Plus', 19, [500, 100, 20_000, 100_000, 500_000], {
      perMinute: 60,
      days: 180,
      files: [1_000, 50],
      extraKeys: 2,
    }),
    plan('Pro', 29, [1_000, 250, 50_000, 250_000, 1_000_000], {
      perMinute: 120,
      days: 365,
      files: [2_500, 100],
      extraKeys: 2,
    }),
    plan('Business', 99, [5_000, 1_000, 250_000, 1_000_000, 2_000_000], {
      perMinute: 120,
      days: 730,
      files: [10_000, 500],
      extraKeys: 3,
    }),
    plan('Premium', 199, [20_000, 5_000, 1_000_000, 5_000_000, 5_000_000], {
      perMinute: 250,
      days: 1_095,
      files: [50_000, 2_000],
      extraKeys: 3,
    }),
    plan('Enterprise', null, [null, null, null, null, null], {
      perMinute: 500,
      days: null,
      files: null,
      extraKeys: null,
    }),
  ],
  creditPrices: { links: 0.05, 'qr-codes': 0.1 },
}

interface Rest {
  readonly perMinute: number
  readonly days: number | null
  /** How many, and how many GB together; null is no limit. */
  readonly files: readonly [count: number, gigabytes: number] | null
  readonly extraKeys: number | null
  readonly paid?: boolean
}

function plan(
  name: string,
  priceMonthly: number | null,
  monthly: readonly (number | null)[],
  rest: Rest,
): Plan {
  const paid = rest.paid ?? true
  return {
    name,
    priceMonthly,
    priceYearly: priceMonthly === null ? null : priceMonthly * MONTHS_A_YEAR_COSTS,
    monthly: Object.fromEntries(
      METRICS.map((metric, index) => [metric, monthly[index] ?? null]),
    ) as Plan['monthly'],
    apiCallsPerMinute: rest.perMinute,
    analyticsDays: rest.days,
    typedLinks: paid,
    lynklensApi: paid,
    ipgeolocationApi: paid,
    fileCount: rest.files?.[0] ?? null,
    fileStorageBytes: rest.files === null ? null : rest.files[1] * GIGABYTE,
    extraKeys: rest.extraKeys,
  }
}
