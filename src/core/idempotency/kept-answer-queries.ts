import type { Db } from '#db/database.ts'

/** A request that is not to be done twice. */
export interface KeyedRequest {
  readonly teamId: number
  readonly key: string
  readonly fingerprint: string
}

/** What is known of a key. */
export interface KeptAnswer {
  readonly fingerprint: string
  /** Sealed; null while the request is being done. */
  readonly answer: string | null
}

/**
 * Take a key for an attempt: one that is new, has expired, or whose attempt at the same request was lost.
 *
 * @returns false when the key is taken; nothing changed then
 */
export async function claimKey(
  db: Db,
  request: KeyedRequest,
  attempt: { readonly id: string; readonly leaseUntil: Date; readonly expiresAt: Date; readonly now: Date },
): Promise<boolean> {
  const nowMs = attempt.now.getTime()
  const values = {
    fingerprint: request.fingerprint,
    attempt: attempt.id,
    lease_until_ms: attempt.leaseUntil.getTime(),
    answer: null,
    expires_at_ms: attempt.expiresAt.getTime(),
  }
  const result = await db
    .insertInto('kept_answer')
    .values({ team_id: request.teamId, idempotency_key: request.key, ...values })
    .onConflict((oc) =>
      oc
        .columns(['team_id', 'idempotency_key'])
        .doUpdateSet(values)
        .where((eb) =>
          eb.or([
            eb('kept_answer.expires_at_ms', '<=', nowMs),
            eb.and([
              eb('kept_answer.answer', 'is', null),
              eb('kept_answer.lease_until_ms', '<=', nowMs),
              eb('kept_answer.fingerprint', '=', request.fingerprint),
            ]),
          ]),
        ),
    )
    .returning('team_id')
    .executeTakeFirst()
  return result !== undefined
}

export async function findKeptAnswer(
  db: Db,
  { teamId, key }: Pick<KeyedRequest, 'teamId' | 'key'>,
): Promise<KeptAnswer | undefined> {
  return db
    .selectFrom('kept_answer')
    .select(['fingerprint', 'answer'])
    .where('team_id', '=', teamId)
    .where('idempotency_key', '=', key)
    .executeTakeFirst()
}

/** Keep an attempt's answer, unless another attempt has the key by now. */
export async function keepAnswer(
  db: Db,
  attempt: string,
  request: KeyedRequest,
  answer: string,
): Promise<void> {
  await db
    .updateTable('kept_answer')
    .set({ answer })
    .where('team_id', '=', request.teamId)
    .where('idempotency_key', '=', request.key)
    .where('attempt', '=', attempt)
    .execute()
}

/** Give a key back that nothing came of. */
export async function releaseKey(db: Db, attempt: string, request: KeyedRequest): Promise<void> {
  await db
    .deleteFrom('kept_answer')
    .where('team_id', '=', request.teamId)
    .where('idempotency_key', '=', request.key)
    .where('attempt', '=', attempt)
    .execute()
}

/** @returns how many there were */
export async function deleteExpiredAnswers(db: Db, now: Date): Promise<number> {
  const result = await db
    .deleteFrom('kept_answer')
    .where('expires_at_ms', '<=', now.getTime())
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
