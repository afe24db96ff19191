import type { Db } from '#db/database.ts'

/**
 * Take a team's turn to be told of clicks, unless its time has not come; of several processes one gets it.
 *
 * @returns the last batch that was told, 0 at first; undefined when it is not the time
 */
export async function claimClickTurn(
  db: Db,
  teamId: number,
  { now, next }: { readonly now: Date; readonly next: Date },
): Promise<number | undefined> {
  const row = await db
    .insertInto('click_event_schedule')
    .columns(['team_id', 'last_batch', 'next_at_ms'])
    // A team that is gone has nobody to be told.
    .expression((eb) =>
      eb
        .selectFrom('team')
        .select((of) => ['team.id', of.val(0).as('last_batch'), of.val(next.getTime()).as('next_at_ms')])
        .where('team.id', '=', teamId),
    )
    .onConflict((oc) =>
      oc
        .column('team_id')
        .doUpdateSet({ next_at_ms: next.getTime() })
        .where('click_event_schedule.next_at_ms', '<=', now.getTime()),
    )
    .returning('last_batch')
    .executeTakeFirst()
  return row?.last_batch
}

/** The last batch a team was told; nobody changes it before the transaction ends. */
export async function lockToldBatch(tx: Db, teamId: number): Promise<number | undefined> {
  const row = await tx
    .updateTable('click_event_schedule')
    // Writing what is there locks the row on both databases.
    .set((eb) => ({ last_batch: eb.ref('last_batch') }))
    .where('team_id', '=', teamId)
    .returning('last_batch')
    .executeTakeFirst()
  return row?.last_batch
}

export async function setToldBatch(tx: Db, teamId: number, batch: number): Promise<void> {
  await tx
    .updateTable('click_event_schedule')
    .set({ last_batch: batch })
    .where('team_id', '=', teamId)
    .execute()
}
