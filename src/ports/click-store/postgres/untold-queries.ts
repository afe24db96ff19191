import { sql, type Transaction } from 'kysely'
import type { ClickDb, ClickTables } from '#db/database.ts'
import type { UntoldClicks } from '#ports/click-store/click-store.ts'

/** Count for a team from now on. */
export async function watchTeam(db: ClickDb, teamId: number, nowMs: number): Promise<void> {
  await db
    .insertInto('click_watch')
    .values({ team_id: teamId, is_active: 1, open_batch: 1, since_ms: nowMs })
    .onConflict((oc) => oc.column('team_id').doUpdateSet({ is_active: 1, since_ms: nowMs }))
    .execute()
}

/** Count for these teams, and no longer for others that have been watched since before an instant. */
export async function watchOnly(
  db: ClickDb,
  teamIds: readonly number[],
  { beforeMs, nowMs }: { readonly beforeMs: number; readonly nowMs: number },
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`
      insert into click_watch (team_id, is_active, open_batch, since_ms)
        select team_id, 1, 1, ${nowMs}::bigint from unnest(${teamIds}::bigint[]) as wanted(team_id) order by team_id
        on conflict (team_id) do update set is_active = 1 where click_watch.is_active = 0`.execute(tx)
    const { rows } = await sql<{ team_id: number }>`
      update click_watch set is_active = 0
        where is_active = 1 and since_ms < ${beforeMs} and team_id <> all(${teamIds}::bigint[])
        returning team_id`.execute(tx)
    const ended = rows.map((row) => row.team_id)
    await sql`delete from click_untold where team_id = any(${ended}::bigint[])`.execute(tx)
  })
}

export async function findUntoldTeams(db: ClickDb): Promise<number[]> {
  const rows = await db
    .selectFrom('click_watch')
    .select('team_id')
    .where('is_active', '=', 1)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('click_untold')
          .select('click_untold.team_id')
          .whereRef('click_untold.team_id', '=', 'click_watch.team_id'),
      ),
    )
    .orderBy('team_id')
    .execute()
  return rows.map((row) => row.team_id)
}

/**
 * Count clicks for those of the teams that are watched, in the transaction that stores them. It holds the teams' batches
 * open until it is committed: who takes one waits for that, and gets these clicks or leaves them to the next, whole.
 *
 * @param rows by link id ascending, so that servers that count the same links never wait for one another in a circle
 */
export async function addUntold(
  tx: Transaction<ClickTables>,
  rows: readonly { readonly team_id: number; readonly link_id: number; readonly clicks: number }[],
): Promise<void> {
  const teamIds = [...new Set(rows.map((row) => row.team_id))]
  const { rows: watched } = await sql<{ team_id: number; open_batch: number }>`
    select team_id, open_batch from click_watch
      where is_active = 1 and team_id = any(${teamIds}::bigint[]) order by team_id for share`.execute(tx)
  if (watched.length === 0) return
  const batches = new Map(watched.map((row) => [row.team_id, row.open_batch]))
  const untold = rows.flatMap((row) => {
    const batch = batches.get(row.team_id)
    return batch === undefined ? [] : [{ ...row, batch }]
  })
  await sql`
    insert into click_untold (team_id, batch, link_id, clicks)
      select * from unnest(
        ${untold.map((row) => row.team_id)}::bigint[],
        ${untold.map((row) => row.batch)}::bigint[],
        ${untold.map((row) => row.link_id)}::bigint[],
        ${untold.map((row) => row.clicks)}::bigint[])
      on conflict (team_id, batch, link_id) do update set clicks = click_untold.clicks + excluded.clicks`.execute(
    tx,
  )
}

/** End a team's batch, drop what was told, and take the rest. */
export function takeUntold(db: ClickDb, teamId: number, toldBatch: number): Promise<UntoldClicks> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ open_batch: number }>`
      update click_watch set open_batch = greatest(open_batch, ${toldBatch}) + 1
        where team_id = ${teamId} returning open_batch`.execute(tx)
    await tx
      .deleteFrom('click_untold')
      .where('team_id', '=', teamId)
      .where('batch', '<=', toldBatch)
      .execute()
    const links = await sql<{ link_id: number; clicks: number }>`
      select link_id, sum(clicks)::bigint as clicks from click_untold where team_id = ${teamId}
        group by link_id order by link_id`.execute(tx)
    const batch = (rows[0]?.open_batch ?? toldBatch + 1) - 1
    return { batch, links: links.rows.map((row) => ({ linkId: row.link_id, clicks: row.clicks })) }
  })
}
