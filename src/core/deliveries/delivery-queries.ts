import type { Db } from '#db/database.ts'

/** What is to be delivered. */
export type NewDelivery =
  | {
      readonly kind: 'webhook'
      readonly webhookId: number
      readonly event: string
      /** The body of the request. */
      readonly content: string
    }
  /** `content` is sealed. */
  | { readonly kind: 'mail'; readonly content: string }

export type NewDeliveryRow = NewDelivery & {
  readonly publicId: string
  readonly createdAt: Date
  readonly giveUpAt: Date
}

export async function insertDeliveries(db: Db, deliveries: readonly NewDeliveryRow[]): Promise<void> {
  await db
    .insertInto('delivery')
    .values(
      deliveries.map((delivery) => ({
        public_id: delivery.publicId,
        kind: delivery.kind,
        lane: delivery.kind === 'webhook' ? delivery.webhookId : 0,
        webhook_id: delivery.kind === 'webhook' ? delivery.webhookId : null,
        event: delivery.kind === 'webhook' ? delivery.event : null,
        content: delivery.content,
        status: 'waiting' as const,
        tries: 0,
        claim: null,
        due_at_ms: delivery.createdAt.getTime(),
        give_up_at_ms: delivery.giveUpAt.getTime(),
        created_at_ms: delivery.createdAt.getTime(),
        done_at_ms: null,
      })),
    )
    .execute()
}
