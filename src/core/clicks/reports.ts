import { getPlan } from '#core/billing/usage.ts'
import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { Link } from '#core/links/link.ts'
import { findLink } from '#core/links/link-queries.ts'
import { type Ability, requireAbility } from '#core/permissions.ts'
import { getQrCode } from '#core/qr/manage-qr-codes.ts'
import type { ClickQuery, Dimension, ValueClicks } from '#ports/click-store/click-store.ts'
import { periodBoundaries, type ReportWindow } from './report-periods.ts'

export type { Dimension } from '#ports/click-store/click-store.ts'

/** What a report is about, beside its link. */
export interface ReportOptions {
  readonly window: ReportWindow
  readonly bots: ClickQuery['bots']
}

/** A period of a series. */
export interface PeriodClicks {
  /** Unix milliseconds. */
  readonly startMs: number
  readonly clicks: number
}

const DAY_MS = 24 * 60 * 60 * 1000

/**
 * Clicks of a link by period, newest first: exactly as many periods as asked for. Those before the plan's retention
 * count 0.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `link-not-found`, or `field-invalid` for a window out of bounds
 */
export async function clickSeries(
  ctx: Ctx,
  slug: string,
  options: ReportOptions,
): Promise<readonly PeriodClicks[]> {
  return series(ctx, await requireLink(ctx, slug, 'analytics:read'), options, 'all')
}

/**
 * Clicks of a link in the whole window.
 *
 * @throws DomainError as {@link clickSeries}
 */
export async function clickTotal(ctx: Ctx, slug: string, options: ReportOptions): Promise<number> {
  const link = await requireLink(ctx, slug, 'analytics:read')
  return ctx.clicks.total((await toQuery(ctx, link, options, 'all')).query)
}

/**
 * The most frequent values of a dimension among a link's clicks, at most `size`; unknown is the empty text.
 *
 * @throws DomainError as {@link clickSeries}
 */
export async function clickBreakdown(
  ctx: Ctx,
  slug: string,
  options: Pick<ReportOptions, 'bots'> & {
    /** Absent: everything the plan keeps. */
    readonly window?: ReportWindow
    readonly dimension: Dimension
    readonly size: number
  },
): Promise<readonly ValueClicks[]> {
  const link = await requireLink(ctx, slug, 'analytics:read')
  const { query } = await toQuery(ctx, link, options, 'all')
  return ctx.clicks.breakdown(query, options.dimension, options.size)
}

/**
 * Scans of a link's QR code by period, newest first.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `qr-code-not-found`, or `field-invalid` for a window out of bounds
 */
export async function scanSeries(
  ctx: Ctx,
  slug: string,
  options: ReportOptions,
): Promise<readonly PeriodClicks[]> {
  return series(ctx, (await getQrCode(ctx, slug)).link, options, 'scans')
}

/**
 * Scans of a link's QR code in the whole window.
 *
 * @throws DomainError as {@link scanSeries}
 */
export async function scanTotal(ctx: Ctx, slug: string, options: ReportOptions): Promise<number> {
  return ctx.clicks.total((await toQuery(ctx, (await getQrCode(ctx, slug)).link, options, 'scans')).query)
}

/**
 * How often the QR codes of links of the acting team were scanned, ever and by whatever; those that never were are
 * absent.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function scanTotals(ctx: Ctx, linkIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
  requireAbility(ctx.actor, 'qr:read')
  const totals = await ctx.clicks.scanTotals(linkIds)
  return new Map([...totals].map(([linkId, { clicks }]) => [linkId, clicks]))
}

async function series(
  ctx: Ctx,
  link: Link,
  options: ReportOptions,
  kind: ClickQuery['kind'],
): Promise<readonly PeriodClicks[]> {
  const { query, boundaries } = await toQuery(ctx, link, options, kind)
  const counts = await ctx.clicks.series(query, boundaries)
  return counts.map((clicks, index) => ({ startMs: boundaries[index] ?? 0, clicks })).toReversed()
}

/** The one value every report is made of, kept within what the team's plan lets it see. */
async function toQuery(
  ctx: Ctx,
  link: Link,
  options: { readonly window?: ReportWindow; readonly bots: ClickQuery['bots'] },
  kind: ClickQuery['kind'],
) {
  const now = ctx.now()
  const boundaries = options.window === undefined ? [] : periodBoundaries(options.window, now)
  const retainedFromMs = await retainedFrom(ctx, link.teamId)
  const query: ClickQuery = {
    scope: { teamId: link.teamId, linkId: link.id },
    fromMs: Math.max(boundaries[0] ?? 0, retainedFromMs),
    toMs: boundaries.at(-1) ?? now.getTime() + 1,
    filters: [],
    bots: options.bots,
    kind,
  }
  return { query, boundaries }
}

/** Since when a team's plan lets it see clicks: Unix milliseconds. */
export async function retainedFrom(ctx: Ctx, teamId: number): Promise<number> {
  const { analyticsDays } = await getPlan(ctx, teamId)
  return analyticsDays === null ? 0 : ctx.now().getTime() - analyticsDays * DAY_MS
}

async function requireLink(ctx: Ctx, slug: string, ability: Ability): Promise<Link> {
  const { teamId } = requireAbility(ctx.actor, ability)
  const link = await findLink(ctx.db, teamId, { slug })
  if (link === undefined) throw new DomainError('link-not-found', { link: slug })
  return link
}
