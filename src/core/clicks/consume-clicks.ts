import { createHmac } from 'node:crypto'
import { rmSync } from 'node:fs'
import type { Random } from '#core/random.ts'
import type { ClickFacts, ClickStore, EnrichedClick, StoredSpool } from '#ports/click-store/click-store.ts'
import { openSpoolReader, type SpooledClick } from './spool-reader.ts'
import type { Click } from './spool-record.ts'
import {
  listSegments,
  nameSpool,
  positionNumber,
  readSpoolName,
  segmentPath,
  type SpoolPosition,
} from './spool-segments.ts'

export interface ClickConsumptionOptions {
  readonly store: ClickStore
  readonly spoolDir: string
  readonly now: () => Date
  readonly random: Random
  /** Finds out what a click's request tells of it. */
  readonly enrich: (click: Click) => ClickFacts
  /** Clicks of one transaction. */
  readonly batchSize?: number
}

/** What one step of the consumer did. */
export interface ConsumedBatch {
  /** Clicks that were written. */
  readonly consumed: number
  /** The spool holds nothing more; otherwise go on at once. */
  readonly isAtEnd: boolean
  readonly position: SpoolPosition
  /** Where something could not be read, and is lost: one record, or the rest of a finished segment. */
  readonly damaged: readonly SpoolPosition[]
}

/** A consumer of one spool, which knows where it is. After an error, dispose of it and open another. */
export interface ClickConsumption extends Disposable {
  /**
   * Write the next clicks, and how far that is, in one transaction; then delete the segments that are done with.
   *
   * @throws whatever the database or the disk says; nothing is then lost, and nothing counted twice later
   */
  consumeBatch(): Promise<ConsumedBatch>
}

type VisitorHash = (click: Click) => string

const BATCH_SIZE = 1_000
const DAY_MS = 86_400_000
/** 64 bits. */
const VISITOR_HEX_CHARACTERS = 16
const SECRET_HEX_CHARACTERS = 64

/** Begin to consume a spool where the database says that it has been consumed to. */
export async function openClickConsumption(options: ClickConsumptionOptions): Promise<ClickConsumption> {
  const { store, spoolDir, enrich, batchSize = BATCH_SIZE } = options
  const spool = await enterSpool(store, spoolDir)
  const reader = openSpoolReader(spoolDir)
  const visitors = visitorHashes(options)
  let { position } = spool
  deleteSegmentsBefore(spoolDir, position.segment)

  return {
    async consumeBatch() {
      const { clicks, next, isAtEnd, damaged } = reader.read(position, batchSize)
      const visitorOf = await visitors(clicks)
      if (positionNumber(next) === positionNumber(position))
        return { consumed: 0, isAtEnd, position, damaged }

      const consumed = await store.append({
        spoolId: spool.id,
        from: position,
        to: next,
        clicks: clicks.map((spooled) => toStored(spooled, visitorOf, enrich)),
      })
      if (consumed === undefined) throw new Error(`another consumer is at work on the spool in ${spoolDir}`)
      const isSegmentDone = next.segment > position.segment
      position = next
      if (isSegmentDone) deleteSegmentsBefore(spoolDir, next.segment)
      return { consumed, isAtEnd, position, damaged }
    },
    [Symbol.dispose]: () => reader[Symbol.dispose](),
  }
}

/**
 * The spool's state in the store. A store that is ahead of every segment knows the name from files that are gone
 * (a backup of the directory was put back, say); it would take new clicks for old ones, so the spool gets a new name.
 */
async function enterSpool(store: ClickStore, dir: string): Promise<StoredSpool> {
  const name = readSpoolName(dir)
  if (name === undefined) throw new Error(`${dir} is not a spool: it has no file called name`)
  const spool = await store.findOrCreateSpool(name)
  const newest = listSegments(dir).at(-1)
  if (newest === undefined || newest >= spool.position.segment) return spool
  return store.findOrCreateSpool(nameSpool(dir), { segment: newest, offset: 0 })
}

function deleteSegmentsBefore(dir: string, segment: number): void {
  for (const number of listSegments(dir)) {
    if (number < segment) rmSync(segmentPath(dir, number), { force: true })
  }
}

function toStored(
  { at, click }: SpooledClick,
  visitorOf: VisitorHash,
  enrich: (click: Click) => ClickFacts,
): EnrichedClick {
  const { isBot, values } = enrich(click)
  return {
    id: positionNumber(at),
    linkId: click.linkId,
    teamId: click.teamId,
    atMs: Math.trunc(click.atMs),
    visitor: visitorOf(click),
    isBot,
    isScan: click.isScan,
    values,
  }
}

/**
 * Hashes of visitors with a random secret of the day of their click (UTC). A secret of a day before yesterday is
 * forgotten, here and in the database, unless a click of the batch at hand needs it.
 */
function visitorHashes(
  options: ClickConsumptionOptions,
): (clicks: readonly SpooledClick[]) => Promise<VisitorHash> {
  const { store, now, random } = options
  const secrets = new Map<number, Buffer>()
  let forgottenBefore = 0

  return async (clicks) => {
    const needed = new Set(clicks.map(({ click }) => dayOf(click.atMs)))
    for (const day of needed) {
      if (secrets.has(day)) continue
      const secret = await store.findOrCreateVisitorSecret(dayText(day), random.hex(SECRET_HEX_CHARACTERS))
      secrets.set(day, Buffer.from(secret, 'hex'))
    }
    const oldest = Math.min(dayOf(now().getTime()) - 1, ...needed)
    if (oldest > forgottenBefore) {
      await store.deleteVisitorSecretsBefore(dayText(oldest))
      for (const day of secrets.keys()) if (day < oldest) secrets.delete(day)
      forgottenBefore = oldest
    }
    return ({ atMs, ip, userAgent }) =>
      createHmac('sha256', secrets.get(dayOf(atMs)) ?? '')
        .update(`${ip}\n${userAgent}`)
        .digest('hex')
        .slice(0, VISITOR_HEX_CHARACTERS)
  }
}

/** Days since 1970 (UTC). */
function dayOf(atMs: number): number {
  return Math.floor(atMs / DAY_MS)
}

function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}
