import type { Db } from '#db/database.ts'

export interface TwoFactorRow {
  readonly sealedSecret: string
  readonly confirmedAt: Date | null
}

export async function findTwoFactor(db: Db, userId: number): Promise<TwoFactorRow | undefined> {
  const row = await db
    .selectFrom('two_factor')
    .select(['sealed_secret', 'confirmed_at_ms'])
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return (
    row && {
      sealedSecret: row.sealed_secret,
      confirmedAt: row.confirmed_at_ms === null ? null : new Date(row.confirmed_at_ms),
    }
  )
}

/**
 * Keep a secret that is still to be confirmed, in place of one that never was.
 *
 * @returns false when the user has a confirmed one; nothing changed then
 */
export async function putPendingSecret(
  db: Db,
  userId: number,
  { sealedSecret, createdAt }: { readonly sealedSecret: string; readonly createdAt: Date },
): Promise<boolean> {
  const values = { sealed_secret: sealedSecret, last_step: -1, created_at_ms: createdAt.getTime() }
  const result = await db
    .insertInto('two_factor')
    .values({ user_id: userId, ...values, confirmed_at_ms: null })
    .onConflict((oc) =>
      oc.column('user_id').doUpdateSet(values).where('two_factor.confirmed_at_ms', 'is', null),
    )
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/**
 * Ask for a second factor from now on, the code of this time step having been used.
 *
 * @returns false when that secret is not waiting for it any more; nothing changed then
 */
export async function confirmSecret(
  db: Db,
  userId: number,
  confirmation: { readonly sealedSecret: string; readonly step: number; readonly at: Date },
): Promise<boolean> {
  const result = await db
    .updateTable('two_factor')
    .set({ confirmed_at_ms: confirmation.at.getTime(), last_step: confirmation.step })
    .where('user_id', '=', userId)
    .where('sealed_secret', '=', confirmation.sealedSecret)
    .where('confirmed_at_ms', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/**
 * Use the code of a time step.
 *
 * @returns false when it, or a later one, was used before
 */
export async function useStep(db: Db, userId: number, step: number): Promise<boolean> {
  const result = await db
    .updateTable('two_factor')
    .set({ last_step: step })
    .where('user_id', '=', userId)
    .where('last_step', '<', step)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/**
 * Keep a second factor as it is until the transaction ends.
 *
 * @returns false when the user has none
 */
export async function holdTwoFactor(db: Db, userId: number): Promise<boolean> {
  const result = await db
    .updateTable('two_factor')
    // Writing what is there locks the row on both databases.
    .set((eb) => ({ last_step: eb.ref('last_step') }))
    .where('user_id', '=', userId)
    .where('confirmed_at_ms', 'is not', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** @returns false when the user had none, confirmed or not */
export async function deleteTwoFactor(db: Db, userId: number): Promise<boolean> {
  const result = await db.deleteFrom('two_factor').where('user_id', '=', userId).executeTakeFirst()
  return result.numDeletedRows === 1n
}

/** Put new recovery codes in the place of those there are; with none, remove them. */
export async function replaceRecoveryCodes(db: Db, userId: number, hashes: readonly string[]): Promise<void> {
  await db.deleteFrom('recovery_code').where('user_id', '=', userId).execute()
  if (hashes.length === 0) return
  await db
    .insertInto('recovery_code')
    .values(hashes.map((hash) => ({ user_id: userId, code_hash: hash })))
    .execute()
}

/** @returns false when there is no such code, or it was used before */
export async function useRecoveryCode(db: Db, userId: number, hash: string): Promise<boolean> {
  const result = await db
    .deleteFrom('recovery_code')
    .where('user_id', '=', userId)
    .where('code_hash', '=', hash)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

export async function countRecoveryCodes(db: Db, userId: number): Promise<number> {
  const row = await db
    .selectFrom('recovery_code')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return row.count
}
