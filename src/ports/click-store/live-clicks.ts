import { type DimensionValues, type EnrichedClick, type LiveClick, storableValue } from './click-store.ts'

/** Clicks of a team that are kept for who follows them. */
export const LIVE_CLICKS_KEPT = 1_000
/** Of one batch and team: nobody reads more of them as they fly by. */
export const LIVE_CLICKS_OF_BATCH = 200
/** How long they are kept when nobody follows them any more, so that one who was cut off finds the place again. */
export const LIVE_LINGER_MS = 10 * 60 * 1000

/** A click as it is kept for who follows a team. */
export interface LiveClickRow {
  readonly id: number
  readonly link_id: number
  readonly at_ms: number
  readonly is_bot: number
  readonly is_scan: number
  readonly dimensions: string
}

/** The clicks of teams that are kept of a batch: the last of each. */
export function liveClicksOf(
  clicks: readonly EnrichedClick[],
  watched: ReadonlySet<number>,
): ReadonlyMap<number, readonly EnrichedClick[]> {
  const byTeam = Map.groupBy(
    clicks.filter(({ teamId }) => watched.has(teamId)),
    ({ teamId }) => teamId,
  )
  return new Map([...byTeam].map(([teamId, own]) => [teamId, own.slice(-LIVE_CLICKS_OF_BATCH)]))
}

/** What was found out about a click, as text. */
export function dimensionsText({ values }: EnrichedClick): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, storableValue(value)])),
  )
}

export function toLiveClick(row: LiveClickRow): LiveClick {
  return {
    id: row.id,
    linkId: row.link_id,
    atMs: row.at_ms,
    isBot: row.is_bot === 1,
    isScan: row.is_scan === 1,
    // Only values of all dimensions are ever stored.
    values: JSON.parse(row.dimensions) as DimensionValues,
  }
}
