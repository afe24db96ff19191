import type { Selectable } from 'kysely'
import type { Db, Tables } from '#db/database.ts'
import type { FileName, MediaType, SharedFile } from './file.ts'

export interface NewFileRow {
  readonly publicId: string
  readonly teamId: number
  readonly userId: number
  readonly storageKey: string
  readonly name: FileName
  readonly mediaType: MediaType
  readonly sizeBytes: number
  readonly sha256: string
  readonly passwordHash: string | null
  readonly createdAt: Date
  readonly expiresAt: Date | null
}

export async function insertFile(db: Db, file: NewFileRow): Promise<SharedFile> {
  const row = await db
    .insertInto('shared_file')
    .values({
      public_id: file.publicId,
      team_id: file.teamId,
      user_id: file.userId,
      storage_key: file.storageKey,
      name: file.name,
      media_type: file.mediaType,
      size_bytes: file.sizeBytes,
      sha256: file.sha256,
      password_hash: file.passwordHash,
      download_count: 0,
      created_at_ms: file.createdAt.getTime(),
      expires_at_ms: file.expiresAt?.getTime() ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return toFile(row)
}

/** A file that has not expired, whoever asks. */
export async function findFile(db: Db, publicId: string, now: Date): Promise<SharedFile | undefined> {
  const row = await liveFiles(db, now).where('public_id', '=', publicId).executeTakeFirst()
  return row && toFile(row)
}

/** The files of a team that have not expired, newest first. */
export async function findTeamFiles(
  db: Db,
  teamId: number,
  now: Date,
  { limit, beforeId }: { readonly limit: number; readonly beforeId?: number | undefined },
): Promise<readonly SharedFile[]> {
  const rows = await liveFiles(db, now)
    .where('team_id', '=', teamId)
    .$if(beforeId !== undefined, (query) => query.where('id', '<', beforeId ?? 0))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(toFile)
}

function liveFiles(db: Db, now: Date) {
  return db
    .selectFrom('shared_file')
    .selectAll()
    .where((eb) => eb.or([eb('expires_at_ms', 'is', null), eb('expires_at_ms', '>', now.getTime())]))
}

/** Files whose time is over, the earliest first. */
export async function findExpiredFiles(db: Db, now: Date, limit: number): Promise<readonly SharedFile[]> {
  const rows = await db
    .selectFrom('shared_file')
    .selectAll()
    .where('expires_at_ms', '<=', now.getTime())
    .orderBy('expires_at_ms')
    .limit(limit)
    .execute()
  return rows.map(toFile)
}

/** @returns false when it was gone already */
export async function deleteFileRow(db: Db, fileId: number): Promise<boolean> {
  const result = await db.deleteFrom('shared_file').where('id', '=', fileId).executeTakeFirst()
  return result.numDeletedRows === 1n
}

/** @returns false when the file is gone */
export async function addDownload(db: Db, fileId: number, count = 1): Promise<boolean> {
  const result = await db
    .updateTable('shared_file')
    .set((eb) => ({ download_count: eb('download_count', '+', count) }))
    .where('id', '=', fileId)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** @returns false when the file or the link has one already */
export async function insertFileLink(db: Db, fileId: number, linkId: number): Promise<boolean> {
  const result = await db
    .insertInto('file_link')
    .values({ file_id: fileId, link_id: linkId })
    .onConflict((oc) => oc.doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function findFileLinkId(db: Db, fileId: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('file_link')
    .select('link_id')
    .where('file_id', '=', fileId)
    .executeTakeFirst()
  return row?.link_id
}

/** The short links of files, by the number of the file. */
export async function findFileLinkIds(
  db: Db,
  fileIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (fileIds.length === 0) return new Map()
  const rows = await db.selectFrom('file_link').selectAll().where('file_id', 'in', fileIds).execute()
  return new Map(rows.map((row) => [row.file_id, row.link_id]))
}

function toFile(row: Selectable<Tables['shared_file']>): SharedFile {
  return {
    id: row.id,
    publicId: row.public_id,
    teamId: row.team_id,
    storageKey: row.storage_key,
    // Only parsed names and media types are ever stored.
    name: row.name as FileName,
    mediaType: row.media_type as MediaType,
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    passwordHash: row.password_hash,
    downloads: row.download_count,
    createdAt: new Date(row.created_at_ms),
    expiresAt: row.expires_at_ms === null ? null : new Date(row.expires_at_ms),
  }
}
