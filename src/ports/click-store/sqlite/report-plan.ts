import type { Database } from 'bun:sqlite'
import { type ClickQuery, DIMENSIONS, type Dimension } from '#ports/click-store/click-store.ts'
import { FIRST_DIMENSION, KINDS } from './columns.ts'
import type { Dictionary } from './dictionary.ts'
import { findCutoff, findUnpurgedLinks, isDeletedLink } from './intake-queries.ts'

/** A query in the numbers of the store. */
export interface ReportPlan {
  readonly teamId: number
  readonly linkId: number | undefined
  /** Links of the team that are being deleted. */
  readonly deletedLinks: ReadonlySet<number>
  readonly fromMs: number
  readonly toMs: number
  /** A bit for each kind of click that counts. */
  readonly kinds: number
  readonly filters: readonly PlannedFilter[]
}

/** Rows count whose number in `column` is marked 1. */
export interface PlannedFilter {
  readonly column: number
  readonly isAllowed: Uint8Array
}

/** Every kind counts. */
export const ALL_KINDS = 2 ** KINDS - 1

/** The place of a dimension among all. */
export function dimensionIndex(dimension: Dimension): number {
  return DIMENSIONS.indexOf(dimension)
}

/** Prepare a query; undefined when no click can answer it. */
export function planReport(db: Database, dictionary: Dictionary, query: ClickQuery): ReportPlan | undefined {
  const { teamId, linkId } = query.scope
  if (linkId !== undefined && isDeletedLink(db, linkId)) return undefined
  const fromMs = Math.max(query.fromMs, findCutoff(db, teamId))
  if (fromMs >= query.toMs) return undefined
  const filters: PlannedFilter[] = []
  for (const { dimension, values } of query.filters) {
    const index = dimensionIndex(dimension)
    const ids = values.flatMap((value) => dictionary.findId(index, value) ?? [])
    if (ids.length === 0) return undefined
    const isAllowed = new Uint8Array(Math.max(...ids) + 1)
    for (const id of ids) isAllowed[id] = 1
    filters.push({ column: FIRST_DIMENSION + index, isAllowed })
  }
  return {
    teamId,
    linkId,
    deletedLinks: new Set(linkId === undefined ? findUnpurgedLinks(db) : []),
    fromMs,
    toMs: query.toMs,
    kinds: kindsOf(query),
    filters,
  }
}

function kindsOf({ bots, kind }: ClickQuery): number {
  let kinds = 0
  for (let each = 0; each < KINDS; each++) {
    const isBot = (each & 1) !== 0
    const isScan = (each & 2) !== 0
    if (isBot ? bots === 'exclude' : bots === 'only') continue
    if (isScan ? kind === 'clicks' : kind === 'scans') continue
    kinds |= 1 << each
  }
  return kinds
}
