import type { Db } from '#db/database.ts'
import type { SubscribableEvent } from './webhook-event.ts'

/** A team's webhooks that are told of events. */
export async function findActiveWebhooks(
  db: Db,
  teamId: number,
): Promise<readonly { readonly id: number; readonly events: readonly SubscribableEvent[] }[]> {
  const rows = await db
    .selectFrom('webhook')
    .select(['id', 'events'])
    .where('team_id', '=', teamId)
    .where('status', '=', 'active')
    .orderBy('id')
    .execute()
  return rows.map(({ id, events }) => ({ id, events: toEvents(events) }))
}

/** Only parsed lists of names are ever stored. */
function toEvents(text: string): readonly SubscribableEvent[] {
  return JSON.parse(text) as readonly SubscribableEvent[]
}
