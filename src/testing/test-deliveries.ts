import type { Services } from '#core/context.ts'
import { mailChannel } from '#core/mail/mail-channel.ts'
import { webhookChannel } from '#core/webhooks/webhook-channel.ts'
import { type DeliveryJob, type DeliveryJobOptions, MAX_AT_ONCE, startDeliveries } from '#jobs/deliver.ts'
import type { Mailer } from '#ports/mailer/mailer.ts'
import { createOutgoingClient, type OutgoingClientOptions } from '#ports/outgoing/outgoing-client.ts'
import { RECEIVER_CLIENT } from './webhook-receiver.ts'

export interface TestDeliveryOptions extends Partial<DeliveryJobOptions> {
  readonly client?: Partial<OutgoingClientOptions>
  readonly timeoutMs?: number
  readonly mailer?: Mailer
}

/** The job that delivers, over a test's services; every wait is as long as it may be unless `chance` says otherwise. */
export function startTestDeliveries(services: Services, options: TestDeliveryOptions = {}): DeliveryJob {
  const { client, timeoutMs, mailer, ...rest } = options
  const outgoing = createOutgoingClient({
    ...RECEIVER_CLIENT,
    contactUrl: 'http://s.test',
    version: 'test',
    maxRequests: MAX_AT_ONCE,
    maxRequestsPerHost: MAX_AT_ONCE,
    ...client,
  })
  return startDeliveries({
    services,
    channels: {
      webhook: webhookChannel({ client: outgoing, ...(timeoutMs !== undefined && { timeoutMs }) }),
      mail: mailChannel(mailer),
    },
    chance: () => 1,
    onError: (error) => {
      throw error
    },
    ...rest,
  })
}
