import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { Link } from '#core/links/link.ts'
import { findLink, findLinksByIds, type LinkName } from '#core/links/link-queries.ts'
import { requireAbility } from '#core/permissions.ts'
import type { ClickFilter, ClickQuery, Dimension, ValueClicks } from '#ports/click-store/click-store.ts'
import {
  periodBoundaries,
  rangeBoundaries,
  type ReportUnit,
  type ReportWindow,
  usualUnit,
} from './report-periods.ts'
import { type PeriodClicks, retainedFrom } from './reports.ts'

/** A stretch of time; `to` is exclusive, and by default now. */
export interface ReportRange {
  readonly from: Date
  readonly to?: Date | undefined
  /** What a series counts by; by default what suits the stretch. */
  readonly unit?: ReportUnit | undefined
}

/** What a report is about. */
export interface ReportSubject {
  /** Absent: every link of the acting team. */
  readonly link?: LinkName | undefined
  readonly time: ReportWindow | ReportRange
  readonly bots: ClickQuery['bots']
  readonly kind: ClickQuery['kind']
  readonly filters: readonly ClickFilter[]
}

/** The stretch a report is about, as far as it was asked for; clicks before the plan's retention count 0. */
export interface ReportSpan {
  readonly unit: ReportUnit
  readonly fromMs: number
  readonly toMs: number
}

/** A link of a breakdown, or how many clicks others had. */
export interface LinkShare {
  readonly link: Link
  readonly clicks: number
}

/** The rows of a breakdown that are shown, and all other clicks together. */
export interface Breakdown<Row> {
  readonly rows: readonly Row[]
  readonly otherClicks: number
}

/**
 * Clicks by period, oldest first.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `link-not-found`, `field-invalid` for a window out of bounds, or
 *   `invalid-parameter` for a stretch that is empty or has too many periods
 */
export async function reportSeries(
  ctx: Ctx,
  subject: ReportSubject,
): Promise<{ readonly span: ReportSpan; readonly periods: readonly PeriodClicks[] }> {
  const { query, span, boundaries } = await parseSubject(ctx, subject)
  const counts = await ctx.clicks.series(query, boundaries)
  return { span, periods: counts.map((clicks, index) => ({ startMs: boundaries[index] ?? 0, clicks })) }
}

/**
 * How many clicks there were, and about how many visitors made them.
 *
 * @throws DomainError as {@link reportSeries}
 */
export async function reportTotal(
  ctx: Ctx,
  subject: ReportSubject,
): Promise<{ readonly clicks: number; readonly visitors: number }> {
  const { query } = await parseSubject(ctx, subject)
  return { clicks: await ctx.clicks.total(query), visitors: await ctx.clicks.uniques(query) }
}

/**
 * The most frequent values of a dimension; unknown is the empty text.
 *
 * @throws DomainError as {@link reportSeries}
 */
export async function reportBreakdown(
  ctx: Ctx,
  subject: ReportSubject,
  { dimension, size }: { readonly dimension: Dimension; readonly size: number },
): Promise<Breakdown<ValueClicks>> {
  const { query } = await parseSubject(ctx, subject)
  const rows = await ctx.clicks.breakdown(query, dimension, size)
  return { rows, otherClicks: await othersOf(ctx, query, rows) }
}

/**
 * The links of the acting team that were clicked most.
 *
 * @throws DomainError as {@link reportSeries}
 */
export async function reportLinks(
  ctx: Ctx,
  subject: ReportSubject,
  size: number,
): Promise<Breakdown<LinkShare>> {
  const { query } = await parseSubject(ctx, subject)
  const found = await ctx.clicks.topLinks(query, size)
  const ids = found.map(({ linkId }) => linkId)
  const links = await findLinksByIds(ctx.db, query.scope.teamId, ids)
  // A link that was deleted a moment ago is left out; its clicks follow.
  const rows = found.flatMap(({ linkId, clicks }) => {
    const link = links.get(linkId)
    return link === undefined ? [] : [{ link, clicks }]
  })
  return { rows, otherClicks: await othersOf(ctx, query, rows) }
}

/** A click that is counted between the two questions must not make this negative. */
async function othersOf(
  ctx: Ctx,
  query: ClickQuery,
  rows: readonly { readonly clicks: number }[],
): Promise<number> {
  const shown = rows.reduce((sum, { clicks }) => sum + clicks, 0)
  return Math.max(0, (await ctx.clicks.total(query)) - shown)
}

/** The one value every report is made of, kept within the team and what its plan lets it see. */
async function parseSubject(ctx: Ctx, subject: ReportSubject) {
  const { teamId } = requireAbility(ctx.actor, 'analytics:read')
  const { span, boundaries } = parseTime(subject.time, ctx.now())
  const link = subject.link === undefined ? undefined : await findLink(ctx.db, teamId, subject.link)
  if (link === undefined && subject.link !== undefined)
    throw new DomainError('link-not-found', { link: String(Object.values(subject.link)[0]) })
  const query: ClickQuery = {
    scope: { teamId, ...(link !== undefined && { linkId: link.id }) },
    fromMs: Math.max(span.fromMs, await retainedFrom(ctx, teamId)),
    toMs: span.toMs,
    filters: subject.filters,
    bots: subject.bots,
    kind: subject.kind,
  }
  return { query, span, boundaries }
}

function parseTime(
  time: ReportWindow | ReportRange,
  now: Date,
): { readonly span: ReportSpan; readonly boundaries: readonly number[] } {
  if ('units' in time) {
    const boundaries = periodBoundaries(time, now)
    const span = { unit: time.unit, fromMs: boundaries[0] ?? 0, toMs: boundaries.at(-1) ?? 0 }
    return { span, boundaries }
  }
  const fromMs = time.from.getTime()
  // The click of this very moment counts.
  const toMs = time.to?.getTime() ?? now.getTime() + 1
  if (fromMs >= toMs)
    throw new DomainError('invalid-parameter', { parameter: 'from', problem: 'must be before to' })
  const unit = time.unit ?? usualUnit(fromMs, toMs)
  return { span: { unit, fromMs, toMs }, boundaries: rangeBoundaries(unit, fromMs, toMs) }
}
