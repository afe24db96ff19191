import {
  type ClickBatch,
  type ClickQuery,
  type ClickStore,
  type Dimension,
  type DimensionValues,
  type EnrichedClick,
  type LinkClicks,
  type LinkTotals,
  type StoredPosition,
  UNKNOWN_VALUES,
  type ValueClicks,
} from '#ports/click-store/click-store.ts'

/** A click on link 1 of team 1 by a person in a browser, in November 2026, as the store takes it. */
export function aStoredClick(
  changes: Partial<Omit<EnrichedClick, 'values'>> & { readonly values?: Partial<DimensionValues> } = {},
): EnrichedClick {
  const { values, ...rest } = changes
  return {
    id: 0,
    linkId: 1,
    teamId: 1,
    atMs: Date.UTC(2026, 10, 21, 12),
    visitor: '00000000000000a1',
    isBot: false,
    isScan: false,
    ...rest,
    values: { ...UNKNOWN_VALUES, ...values },
  }
}

/** A query for all clicks on link 1 of team 1 that were no bots, ever. */
export function aClickQuery(changes: Partial<ClickQuery> = {}): ClickQuery {
  return {
    scope: { teamId: 1, linkId: 1 },
    fromMs: 0,
    toMs: Date.UTC(2100, 0),
    filters: [],
    bots: 'exclude',
    kind: 'all',
    ...changes,
  }
}

/** Fills a store from a spool of its own, whose clicks are a byte long. */
export interface Filler {
  /** Append clicks behind those before, with ids of their own. */
  append(clicks: readonly EnrichedClick[]): Promise<number | undefined>
  /** Append the last batch again. */
  repeat(): Promise<number | undefined>
  /** Where the store has come to. */
  position(): StoredPosition
}

export async function fill(store: ClickStore, name = 'spool'): Promise<Filler> {
  const spool = await store.findOrCreateSpool(name)
  let next = spool.position.offset
  let last: ClickBatch | undefined
  return {
    position: () => ({ segment: 0, offset: next }),
    async append(clicks) {
      const from = { segment: 0, offset: next }
      const stored = clicks.map((click) => ({ ...click, id: next++ }))
      last = { spoolId: spool.id, from, to: { segment: 0, offset: next }, clicks: stored }
      return store.append(last)
    },
    async repeat() {
      return last === undefined ? undefined : store.append(last)
    },
  }
}

/** Let a store do all the upkeep there is. */
export async function settle(store: ClickStore): Promise<void> {
  while (await store.maintain(1_000));
}

/** The same answers as a store's, by looking at every click. */
export class ModelClicks {
  readonly #clicks: EnrichedClick[] = []
  readonly #cutoffs = new Map<number, number>()
  readonly #deleted = new Set<number>()
  readonly #usage = new Map<string, number>()

  append(clicks: readonly EnrichedClick[]): number {
    const taken = clicks.filter((click) => !this.#deleted.has(click.linkId))
    this.#clicks.push(...taken)
    for (const { teamId, atMs } of taken) {
      const key = `${teamId} ${new Date(atMs).toISOString().slice(0, 7)}`
      this.#usage.set(key, (this.#usage.get(key) ?? 0) + 1)
    }
    return taken.length
  }

  deleteLink(linkId: number): void {
    this.#deleted.add(linkId)
  }

  retain(cutoffs: ReadonlyMap<number, number>): void {
    for (const [teamId, beforeMs] of cutoffs)
      this.#cutoffs.set(teamId, Math.max(this.#cutoffs.get(teamId) ?? 0, beforeMs))
  }

  total(query: ClickQuery): number {
    return this.#matching(query).length
  }

  series(query: ClickQuery, periods: readonly number[]): number[] {
    const clicks = this.#matching(query)
    return periods
      .slice(1)
      .map((end, index) => clicks.filter(({ atMs }) => atMs >= (periods[index] ?? 0) && atMs < end).length)
  }

  breakdown(query: ClickQuery, dimension: Dimension, size: number): ValueClicks[] {
    const counts = Map.groupBy(this.#matching(query), (click) => click.values[dimension])
    return [...counts]
      .map(([value, clicks]) => ({ value, clicks: clicks.length }))
      .sort((a, b) => b.clicks - a.clicks || (a.value < b.value ? -1 : 1))
      .slice(0, size)
  }

  topLinks(query: ClickQuery, size: number): LinkClicks[] {
    const counts = Map.groupBy(this.#matching(query), (click) => click.linkId)
    return [...counts]
      .map(([linkId, clicks]) => ({ linkId, clicks: clicks.length }))
      .sort((a, b) => b.clicks - a.clicks || a.linkId - b.linkId)
      .slice(0, size)
  }

  uniques(query: ClickQuery): number {
    return new Set(this.#matching(query).map((click) => click.visitor)).size
  }

  totals(linkIds: readonly number[], scansOnly = false): Map<number, LinkTotals> {
    const totals = new Map<number, LinkTotals>()
    for (const linkId of linkIds) {
      const clicks = this.#clicks.filter(
        (click) => click.linkId === linkId && !this.#deleted.has(linkId) && (click.isScan || !scansOnly),
      )
      const humanClicks = clicks.filter((click) => !click.isBot).length
      if (clicks.length > 0) totals.set(linkId, { clicks: clicks.length, humanClicks })
    }
    return totals
  }

  usage(teamId: number, month: string): number {
    return this.#usage.get(`${teamId} ${month}`) ?? 0
  }

  #matching({ scope, fromMs, toMs, filters, bots, kind }: ClickQuery): EnrichedClick[] {
    return this.#clicks.filter(
      (click) =>
        click.teamId === scope.teamId &&
        (scope.linkId === undefined || click.linkId === scope.linkId) &&
        !this.#deleted.has(click.linkId) &&
        click.atMs >= Math.max(fromMs, this.#cutoffs.get(click.teamId) ?? 0) &&
        click.atMs < toMs &&
        (bots === 'include' || click.isBot === (bots === 'only')) &&
        (kind === 'all' || click.isScan === (kind === 'scans')) &&
        filters.every(({ dimension, values }) => values.includes(click.values[dimension])),
    )
  }
}
