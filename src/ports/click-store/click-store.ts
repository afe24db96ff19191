/** What is known of a click besides its time and its visitor, each a text that reports break down and filter by. */
export const DIMENSIONS = [
  'country',
  'region',
  'city',
  'continent',
  'browser',
  'operating_system',
  'device',
  'referrer',
  'language',
  'as',
  'network',
  'utm_source',
  'utm_medium',
  'utm_campaign',
] as const

/**
 * One of {@link DIMENSIONS}. `country` is ISO 3166 alpha-2, `referrer` a host name, `as` a number and its organisation
 * (`AS15169 Google LLC`), `network` is `hosting`, `vpn`, `tor` or unknown.
 */
export type Dimension = (typeof DIMENSIONS)[number]

/** A click's value of every dimension; what is unknown is the empty string. */
export type DimensionValues = Readonly<Record<Dimension, string>>

/** The values of a click nothing is known about. */
export const UNKNOWN_VALUES: DimensionValues = {
  country: '',
  region: '',
  city: '',
  continent: '',
  browser: '',
  operating_system: '',
  device: '',
  referrer: '',
  language: '',
  as: '',
  network: '',
  utm_source: '',
  utm_medium: '',
  utm_campaign: '',
}

/** What is found out about a click from what its request said. */
export interface ClickFacts {
  readonly isBot: boolean
  readonly values: DimensionValues
}

/** A click as it is stored: nothing in it names a person. */
export interface EnrichedClick extends ClickFacts {
  /** Where it stood in its spool as one number; unique and ascending within the spool. */
  readonly id: number
  readonly linkId: number
  readonly teamId: number
  /** Whole milliseconds since 1970. */
  readonly atMs: number
  /** 64 bits of a keyed hash, as 16 hexadecimal digits. */
  readonly visitor: string
  /** The short link was read from its QR code. */
  readonly isScan: boolean
}

/** A place in a spool: the byte `offset` of segment number `segment`. */
export interface StoredPosition {
  readonly segment: number
  readonly offset: number
}

/** A spool as the store knows it. */
export interface StoredSpool {
  readonly id: number
  /** Everything before it is in the store. */
  readonly position: StoredPosition
}

/** Clicks of one spool, in its order, and where it goes on after them. */
export interface ClickBatch {
  readonly spoolId: number
  readonly from: StoredPosition
  readonly to: StoredPosition
  readonly clicks: readonly EnrichedClick[]
}

/** Only clicks whose value of the dimension is one of these; none at all where there are no values. */
export interface ClickFilter {
  readonly dimension: Dimension
  readonly values: readonly string[]
}

/** Which clicks a report is about. */
export interface ClickQuery {
  /** A link of a team, or all links of a team. Clicks of deleted links are in no report. */
  readonly scope: { readonly teamId: number; readonly linkId?: number }
  /** Inclusive; what the team's retention has dropped is left out whatever is asked for. */
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  /** All of them must hold. */
  readonly filters: readonly ClickFilter[]
  readonly bots: 'exclude' | 'include' | 'only'
  /** `scans` are clicks that came from the QR code, `clicks` those that did not. */
  readonly kind: 'all' | 'scans' | 'clicks'
}

/** One row of a breakdown. */
export interface ValueClicks {
  /** Empty where the value is unknown. */
  readonly value: string
  readonly clicks: number
}

/** A link of a ranking. */
export interface LinkClicks {
  readonly linkId: number
  readonly clicks: number
}

/** All-time counts of a link, which retention does not lower. */
export interface LinkTotals {
  /** All clicks, bots and scans included. */
  readonly clicks: number
  /** Those that were no bots. */
  readonly humanClicks: number
}

/** Clicks that a watched team is still to be told of. */
export interface UntoldClicks {
  /** Higher than that of everything that was taken before. */
  readonly batch: number
  /** By link, each once. */
  readonly links: readonly { readonly linkId: number; readonly clicks: number }[]
}

/** A single click, as it is told to who follows it live. */
export interface LiveClick extends ClickFacts {
  /** Higher than that of every click that was stored before. */
  readonly id: number
  readonly linkId: number
  readonly atMs: number
  readonly isScan: boolean
}

/** Which live clicks. */
export interface LiveClickQuery {
  readonly teamId: number
  readonly linkId?: number | undefined
  /** Only those with a higher number. */
  readonly afterId: number
  readonly limit: number
}

/** What the product asks of the clicks: reports, counts, and to forget. */
export interface ClickArchive {
  total(query: ClickQuery): Promise<number>
  /**
   * Counts per period. `periods` are boundaries in ascending order, one more than there are periods; clicks outside
   * of the query's own range are not counted.
   */
  series(query: ClickQuery, periods: readonly number[]): Promise<number[]>
  /** The `size` most frequent values, by clicks descending, then by value. */
  breakdown(query: ClickQuery, dimension: Dimension, size: number): Promise<ValueClicks[]>
  /** The `size` links that were clicked most, by clicks descending, then by id. */
  topLinks(query: ClickQuery, size: number): Promise<LinkClicks[]>
  /** How many visitors there were: exact when they are few, else within about 3 %. */
  uniques(query: ClickQuery): Promise<number>
  /** How often each of the links was clicked, ever; those that never were, and deleted ones, are absent. */
  totals(linkIds: readonly number[]): Promise<Map<number, LinkTotals>>
  /** How often the QR code of each of the links was scanned, ever; links without a scan, and deleted ones, are absent. */
  scanTotals(linkIds: readonly number[]): Promise<Map<number, LinkTotals>>
  /** How many clicks a team had in a month, `2026-11` (UTC), whatever was deleted since. */
  usage(teamId: number, month: string): Promise<number>
  /**
   * Forget a link: its clicks are in no report from now on, clicks of it that are still to come are dropped, and what
   * is on disk is removed by `maintain`.
   */
  deleteLink(linkId: number): Promise<void>
  /**
   * Forget the clicks of teams that are older than their cut-off, in milliseconds since 1970: no report shows them from
   * now on, and `maintain` removes them. A cut-off never moves back.
   */
  retain(cutoffs: ReadonlyMap<number, number>): Promise<void>
  /** Count the clicks of a team for `takeUntold` from now on. */
  watchTeam(teamId: number): Promise<void>
  /**
   * Count for these teams, and no longer for others that have been watched since before an instant (ms since 1970), whose
   * untold clicks are dropped.
   */
  watchOnly(teamIds: readonly number[], beforeMs: number): Promise<void>
  /** Teams that have clicks to be told of. */
  untoldTeams(): Promise<number[]>
  /**
   * End a team's batch, and take all its clicks since batch `toldBatch`: each is in what is taken until it was told, and
   * never again. What was told is dropped. Told and lost in between, nothing is: take again with the same number.
   */
  takeUntold(teamId: number, toldBatch: number): Promise<UntoldClicks>
  /**
   * Keep the latest clicks of a team one by one, for so long from now: about a thousand of them, and the last 200 of those
   * that are stored at once.
   *
   * @returns the number of the last click that was kept, of any team; 0 before the first
   */
  watchLive(teamId: number, ttlMs: number): Promise<number>
  /** Kept clicks in the order they were stored. */
  liveClicks(query: LiveClickQuery): Promise<LiveClick[]>
}

/** The archive and what fills it. Any number of processes may ask, one at a time may write. */
export interface ClickStore extends ClickArchive, AsyncDisposable {
  /** The spool of that name, entered at `start` when the store has not met it. */
  findOrCreateSpool(name: string, start?: StoredPosition): Promise<StoredSpool>
  /**
   * Store clicks and the spool's new position in one transaction. Clicks that are in the store already are left out,
   * whatever the position says.
   *
   * @returns how many were new; undefined, and nothing is written, when the spool does not stand at `from`
   */
  append(batch: ClickBatch): Promise<number | undefined>
  /** The secret that a day's visitors are hashed with; the proposed one where the day, `2026-11-21` (UTC), has none. */
  findOrCreateVisitorSecret(day: string, proposal: string): Promise<string>
  /** Forget the visitor secrets of the days before `day`: their hashes can then be made by nobody. */
  deleteVisitorSecretsBefore(day: string): Promise<void>
  /**
   * Do a slice of what keeps reports fast and the disk free, for about `budgetMs`. It may be killed at any point.
   *
   * @returns whether more is to be done now
   */
  maintain(budgetMs: number): Promise<boolean>
}

/** The longest value of a dimension, in UTF-16 code units; what is longer is cut. */
export const MAX_VALUE_LENGTH = 255

/** A value as both databases can hold it: bounded, well-formed, without NUL. */
export function storableValue(value: string): string {
  const cut = value.length > MAX_VALUE_LENGTH ? value.slice(0, MAX_VALUE_LENGTH) : value
  const wellFormed = cut.isWellFormed() ? cut : cut.toWellFormed()
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '') : wellFormed
}
