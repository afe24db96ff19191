import { getPlan, getUsage, usageMonth } from '#core/billing/usage.ts'
import { countryName } from '#core/clicks/countries.ts'
import { periodBoundaries } from '#core/clicks/report-periods.ts'
import type { Services } from '#core/context.ts'
import { linkAddress } from '#core/links/link-address.ts'
import { findLinksByIds } from '#core/links/link-queries.ts'
import { linkTitle } from '#core/links/link-title.ts'
import type { ClickQuery, Dimension } from '#ports/click-store/click-store.ts'

/** Monday 00:00 to the next one, UTC. */
export interface Week {
  readonly start: Date
  /** Not part of it. */
  readonly end: Date
}

/** Something and how often it was. */
export interface Counted {
  readonly name: string
  readonly clicks: number
}

/** A limit of the plan, this calendar month. */
export interface LimitUse {
  readonly name: string
  readonly used: number
  /** Null: unlimited. */
  readonly limit: number | null
}

/** A team's week, bots left out. */
export interface WeeklyReport {
  readonly week: Week
  readonly clicks: number
  readonly clicksBefore: number
  /** Most clicks first, at most {@link TOP_LINKS}. */
  readonly topLinks: readonly (Counted & { readonly shortUrl: string })[]
  readonly countries: readonly Counted[]
  readonly referrers: readonly Counted[]
  readonly plan: string
  readonly limits: readonly LimitUse[]
}

const TOP_LINKS = 5
const TOP_VALUES = 4
const WEEK_MS = 7 * 24 * 60 * 60 * 1000

/** The last whole week before an instant. */
export function lastWeek(now: Date): Week {
  const [startMs = 0, endMs = 0] = periodBoundaries({ unit: 'week', units: 2 }, now)
  return { start: new Date(startMs), end: new Date(endMs) }
}

/** What a team's week was like; undefined when nobody clicked, nor the week before. */
export async function composeWeeklyReport(
  services: Services,
  teamId: number,
  week: Week,
): Promise<WeeklyReport | undefined> {
  const { clicks: archive } = services
  const beforeMs = week.start.getTime() - WEEK_MS
  if (!(await hadClicks(services, teamId, new Date(beforeMs), new Date(week.end.getTime() - 1))))
    return undefined

  const scope: ClickQuery = {
    scope: { teamId },
    fromMs: beforeMs,
    toMs: week.end.getTime(),
    filters: [],
    bots: 'exclude',
    kind: 'all',
  }
  const [clicksBefore = 0, clicks = 0] = await archive.series(scope, [
    beforeMs,
    week.start.getTime(),
    week.end.getTime(),
  ])
  if (clicks === 0 && clicksBefore === 0) return undefined

  const query: ClickQuery = { ...scope, fromMs: week.start.getTime() }
  const named = async (dimension: Dimension, unknown: string, nameOf = (value: string) => value) =>
    (await archive.breakdown(query, dimension, TOP_VALUES)).map(({ value, clicks: count }) => ({
      name: value === '' ? unknown : nameOf(value),
      clicks: count,
    }))
  return {
    week,
    clicks,
    clicksBefore,
    topLinks: await topLinks(services, query),
    countries: await named('country', 'unknown', countryName),
    referrers: await named('referrer', 'direct'),
    plan: (await getPlan(services, teamId)).name,
    limits: await limitsOf(services, teamId),
  }
}

/** Whether there were clicks at all in the months of two instants: one read by key each, where nearly all are quiet. */
async function hadClicks(services: Services, teamId: number, first: Date, last: Date): Promise<boolean> {
  for (const month of new Set([usageMonth(first), usageMonth(last)]))
    if ((await services.clicks.usage(teamId, month)) > 0) return true
  return false
}

async function topLinks(services: Services, query: ClickQuery): Promise<WeeklyReport['topLinks']> {
  const ranked = await services.clicks.topLinks(query, TOP_LINKS)
  const links = await findLinksByIds(
    services.db,
    query.scope.teamId,
    ranked.map(({ linkId }) => linkId),
  )
  return ranked.flatMap(({ linkId, clicks }) => {
    const link = links.get(linkId)
    // One that was deleted a moment ago is out of the ranking soon.
    if (link === undefined) return []
    return [{ name: linkTitle(link), clicks, shortUrl: linkAddress(services.settings.baseUrl, link) }]
  })
}

async function limitsOf(services: Services, teamId: number): Promise<readonly LimitUse[]> {
  const links = await getUsage(services, teamId, 'links')
  const qrCodes = await getUsage(services, teamId, 'qr-codes')
  const clicks = await getUsage(services, teamId, 'clicks')
  const clicked = await services.clicks.usage(teamId, usageMonth(services.now()))
  return [
    { name: 'Links', used: links.used, limit: links.limit },
    { name: 'Clicks', used: clicked, limit: clicks.limit },
    { name: 'QR codes', used: qrCodes.used, limit: qrCodes.limit },
  ]
}
