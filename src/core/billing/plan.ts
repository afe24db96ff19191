import type { Metric } from '#core/errors.ts'

/** What a team may use; `null` is no limit. */
export interface Plan {
  readonly name: string
  /** US dollars a month; null is on request. */
  readonly priceMonthly: number | null
  /** US dollars a year, paid at once; null is on request. */
  readonly priceYearly: number | null
  /** Per calendar month (UTC). */
  readonly monthly: Readonly<Record<Metric, number | null>>
  /** Requests a minute of the lynklens API. */
  readonly apiCallsPerMinute: number
  /** How far back reports reach. */
  readonly analyticsDays: number | null
  readonly typedLinks: boolean
  readonly lynklensApi: boolean
  readonly ipgeolocationApi: boolean
  /** Shared files at one time. */
  readonly fileCount: number | null
  /** What they may take together. */
  readonly fileStorageBytes: number | null
  /** Further ipgeolocation keys, and as many request origins. */
  readonly extraKeys: number | null
}

/** Every plan of the installation, cheapest first. */
export interface PlanCatalogue {
  readonly plans: readonly Plan[]
  /** What one bought link or QR code costs in US dollars; null is not for sale. */
  readonly creditPrices: Readonly<Record<'links' | 'qr-codes', number | null>>
}

/** The plan of a name, in whatever case it is written; undefined when there is none. */
export function findPlan(catalogue: PlanCatalogue, name: string): Plan | undefined {
  const wanted = name.toLowerCase()
  return catalogue.plans.find((plan) => plan.name.toLowerCase() === wanted)
}

/** The most generous plan: the one the first account of an installation gets. */
export function largestPlan(catalogue: PlanCatalogue): Plan {
  const largest = catalogue.plans.at(-1)
  if (largest === undefined) throw new Error('the plan catalogue is empty')
  return largest
}

/** The cheapest plan that allows more of a kind of file quota than `limit`; undefined when none does. */
export function cheapestPlanForFiles(
  catalogue: PlanCatalogue,
  quota: 'fileCount' | 'fileStorageBytes',
  limit: number,
): Plan | undefined {
  return catalogue.plans.find((plan) => {
    const allowed = plan[quota]
    return allowed === null || allowed > limit
  })
}

/** The cheapest plan that allows more of a metric than `limit` a month; undefined when none does. */
export function cheapestPlanAbove(catalogue: PlanCatalogue, metric: Metric, limit: number): Plan | undefined {
  return catalogue.plans.find((plan) => {
    const allowed = plan.monthly[metric]
    return allowed === null || allowed > limit
  })
}
