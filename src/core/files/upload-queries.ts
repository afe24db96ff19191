import { sql } from 'kysely'
import type { Db } from '#db/database.ts'

/** An amount of what the files of a team take. */
export interface FileRoom {
  readonly files: number
  readonly bytes: number
}

/** What a plan allows; null is no limit. */
export type FileLimits = { readonly [K in keyof FileRoom]: number | null }

/**
 * Count files and bytes unless that would go over a limit. Concurrent calls never get over it together: the database
 * decides in one statement.
 *
 * @returns false when it would go over; nothing is counted then
 */
export async function takeFileRoom(
  db: Db,
  teamId: number,
  room: FileRoom,
  limits: FileLimits,
): Promise<boolean> {
  await db
    .insertInto('file_usage')
    .values({ team_id: teamId, files: 0, size_bytes: 0 })
    .onConflict((oc) => oc.column('team_id').doNothing())
    .execute()
  const result = await db
    .updateTable('file_usage')
    .set((eb) => ({ files: eb('files', '+', room.files), size_bytes: eb('size_bytes', '+', room.bytes) }))
    .where('team_id', '=', teamId)
    .$if(room.files > 0 && limits.files !== null, (query) =>
      query.where(sql<boolean>`files + ${room.files} <= ${limits.files}`),
    )
    .$if(limits.bytes !== null, (query) =>
      query.where(sql<boolean>`size_bytes + ${room.bytes} <= ${limits.bytes}`),
    )
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function releaseFileRoom(db: Db, teamId: number, room: FileRoom): Promise<void> {
  await db
    .updateTable('file_usage')
    .set((eb) => ({ files: eb('files', '-', room.files), size_bytes: eb('size_bytes', '-', room.bytes) }))
    .where('team_id', '=', teamId)
    .execute()
}

export async function findFileUsage(db: Db, teamId: number): Promise<FileRoom> {
  const row = await db
    .selectFrom('file_usage')
    .select(['files', 'size_bytes as bytes'])
    .where('team_id', '=', teamId)
    .executeTakeFirst()
  return row ?? { files: 0, bytes: 0 }
}

/** An upload that is under way, or was when its process ended. */
export interface UploadRow {
  readonly storageKey: string
  readonly teamId: number
  readonly draftRef: string | null
  readonly reservedBytes: number
}

export async function insertUpload(db: Db, upload: UploadRow, leaseUntil: Date): Promise<void> {
  await db
    .insertInto('file_upload')
    .values({
      storage_key: upload.storageKey,
      team_id: upload.teamId,
      draft_ref: upload.draftRef,
      reserved_bytes: upload.reservedBytes,
      lease_until_ms: leaseUntil.getTime(),
    })
    .execute()
}

/** @returns false when the upload was given up as lost */
export async function updateUpload(
  db: Db,
  storageKey: string,
  changes: { readonly addedBytes?: number; readonly draftRef?: string; readonly leaseUntil?: Date },
): Promise<boolean> {
  const { addedBytes = 0, draftRef, leaseUntil } = changes
  const result = await db
    .updateTable('file_upload')
    .set((eb) => ({
      reserved_bytes: eb('reserved_bytes', '+', addedBytes),
      ...(draftRef !== undefined && { draft_ref: draftRef }),
      ...(leaseUntil !== undefined && { lease_until_ms: leaseUntil.getTime() }),
    }))
    .where('storage_key', '=', storageKey)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** @returns the upload as it was; undefined when it was given up as lost */
export async function deleteUpload(db: Db, storageKey: string): Promise<UploadRow | undefined> {
  const row = await db
    .deleteFrom('file_upload')
    .where('storage_key', '=', storageKey)
    .returningAll()
    .executeTakeFirst()
  return row && toUpload(row)
}

/** Uploads whose lease ended before an instant, or all. */
export async function findLostUploads(
  db: Db,
  leaseBefore: Date | undefined,
  limit: number,
): Promise<readonly UploadRow[]> {
  const rows = await db
    .selectFrom('file_upload')
    .selectAll()
    .$if(leaseBefore !== undefined, (query) =>
      query.where('lease_until_ms', '<', leaseBefore?.getTime() ?? 0),
    )
    .limit(limit)
    .execute()
  return rows.map(toUpload)
}

function toUpload(row: {
  readonly storage_key: string
  readonly team_id: number
  readonly draft_ref: string | null
  readonly reserved_bytes: number
}): UploadRow {
  return {
    storageKey: row.storage_key,
    teamId: row.team_id,
    draftRef: row.draft_ref,
    reservedBytes: row.reserved_bytes,
  }
}

/** Bytes that are to be erased. */
export interface Erasure {
  readonly storageKey: string
  readonly draftRef: string | null
}

/** Note that bytes are to be erased; in the transaction that makes them nobody's. */
export async function insertErasure(db: Db, { storageKey, draftRef }: Erasure): Promise<void> {
  await db
    .insertInto('file_erasure')
    .values({ storage_key: storageKey, draft_ref: draftRef })
    .onConflict((oc) => oc.column('storage_key').doNothing())
    .execute()
}

/** What is to be erased, by key, those after a key. */
export async function findErasures(db: Db, after: string, limit: number): Promise<readonly Erasure[]> {
  const rows = await db
    .selectFrom('file_erasure')
    .selectAll()
    .where('storage_key', '>', after)
    .orderBy('storage_key')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ storageKey: row.storage_key, draftRef: row.draft_ref }))
}

export async function deleteErasure(db: Db, storageKey: string): Promise<void> {
  await db.deleteFrom('file_erasure').where('storage_key', '=', storageKey).execute()
}
