import type { DatabaseLocation } from '#db/open-database.ts'
import type { ClickQuery, Dimension } from '#ports/click-store/click-store.ts'

/** What the thread of reports is asked to do. */
export type ReportCall =
  | { readonly kind: 'total'; readonly query: ClickQuery }
  | { readonly kind: 'series'; readonly query: ClickQuery; readonly periods: readonly number[] }
  | {
      readonly kind: 'breakdown'
      readonly query: ClickQuery
      readonly dimension: Dimension
      readonly size: number
    }
  | { readonly kind: 'top-links'; readonly query: ClickQuery; readonly size: number }
  | { readonly kind: 'uniques'; readonly query: ClickQuery }
  | { readonly kind: 'delete-link'; readonly linkId: number }
  | { readonly kind: 'retain'; readonly cutoffs: ReadonlyMap<number, number> }
  | { readonly kind: 'watch-team'; readonly teamId: number }
  | { readonly kind: 'watch-only'; readonly teamIds: readonly number[]; readonly beforeMs: number }
  | { readonly kind: 'untold-teams' }
  | { readonly kind: 'watch-live'; readonly teamId: number; readonly ttlMs: number }
  | { readonly kind: 'take-untold'; readonly teamId: number; readonly toldBatch: number }

/** To the thread. */
export type ReportCommand =
  /** Sent once, first. */
  | { readonly kind: 'open'; readonly location: DatabaseLocation }
  | { readonly kind: 'call'; readonly id: number; readonly call: ReportCall }
  | { readonly kind: 'close' }

/** From the thread: the answer of a call, or why there is none. */
export type ReportAnswer =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string }
  | { readonly kind: 'closed' }
