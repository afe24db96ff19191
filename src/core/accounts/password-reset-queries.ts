import type { Db } from '#db/database.ts'

export interface NewPasswordReset {
  readonly tokenHash: string
  readonly userId: number
  readonly createdAt: Date
  readonly expiresAt: Date
}

export async function insertPasswordReset(db: Db, reset: NewPasswordReset): Promise<void> {
  await db
    .insertInto('password_reset')
    .values({
      token_hash: reset.tokenHash,
      user_id: reset.userId,
      created_at_ms: reset.createdAt.getTime(),
      expires_at_ms: reset.expiresAt.getTime(),
    })
    .execute()
}

/** Whose password a token may set; undefined when it was used, is over, or never was. */
export async function findPasswordReset(db: Db, tokenHash: string, now: Date): Promise<number | undefined> {
  const row = await db
    .selectFrom('password_reset')
    .select('user_id')
    .where('token_hash', '=', tokenHash)
    .where('expires_at_ms', '>', now.getTime())
    .executeTakeFirst()
  return row?.user_id
}

/** @returns false when the token was used meanwhile */
export async function deletePasswordReset(db: Db, tokenHash: string): Promise<boolean> {
  const result = await db.deleteFrom('password_reset').where('token_hash', '=', tokenHash).executeTakeFirst()
  return result.numDeletedRows === 1n
}

export async function deletePasswordResetsOf(db: Db, userId: number): Promise<void> {
  await db.deleteFrom('password_reset').where('user_id', '=', userId).execute()
}

export async function deleteExpiredPasswordResets(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('password_reset').where('expires_at_ms', '<=', now.getTime()).execute()
}
