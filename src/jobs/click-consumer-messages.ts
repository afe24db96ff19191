import type { SpoolPosition } from '#core/clicks/spool-segments.ts'
import type { DatabaseLocation } from '#db/open-database.ts'

/** What the consumer's thread needs to know. */
export interface ConsumerSettings {
  readonly location: DatabaseLocation
  readonly spoolDir: string
  /** Where the network data are that tell the places of clicks. */
  readonly dataDir: string
  /** Clicks of one transaction. */
  readonly batchSize: number
  /** How long to wait at the end of the spool. */
  readonly pollMs: number
}

/** To the thread. */
export type ConsumerCommand =
  | { readonly kind: 'start'; readonly settings: ConsumerSettings }
  /** Go on for at most so long, to the end of the spool. */
  | { readonly kind: 'stop'; readonly drainMs: number }

/** From the thread. */
export type ConsumerReport =
  | { readonly kind: 'progress'; readonly consumed: number; readonly position: SpoolPosition }
  /** What keeps it from going on, told once; undefined when that is over. */
  | { readonly kind: 'trouble'; readonly message: string | undefined }
  /** A record, or the rest of a segment, could not be read and is given up. */
  | { readonly kind: 'damaged'; readonly position: SpoolPosition }
  /** Something the operator should know, told once: a database of places that is missing, say. */
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'stopped'; readonly isDrained: boolean }
