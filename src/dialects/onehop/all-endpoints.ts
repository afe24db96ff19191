import type { LookupCredits } from '#core/billing/lookup-credits.ts'
import { accountEndpoints } from './account.ts'
import { auditEndpoints } from './audit.ts'
import type { Endpoint } from './endpoint.ts'
import { fileEndpoints } from './files.ts'
import { invitationEndpoints } from './invitations.ts'
import { keyEndpoints } from './keys.ts'
import { instanceEndpoints, type Instance } from './instance.ts'
import { linkEndpoints } from './links.ts'
import { bulkEndpoints } from './bulk.ts'
import { exportEndpoints } from './export.ts'
import { liveEndpoints } from './live.ts'
import { lookupUsageEndpoints } from './lookup-usage.ts'
import { lookupEndpoints } from './lookups.ts'
import { notificationEndpoints } from './notifications.ts'
import { operatorEndpoints } from './operator.ts'
import { ownSessionEndpoints } from './own-sessions.ts'
import { passwordResetEndpoints } from './password-resets.ts'
import { teamEndpoints } from './teams.ts'
import { usageEndpoints } from './usage.ts'
import { orderEndpoints } from './orders.ts'
import { originEndpoints } from './origins.ts'
import { qrEndpoints } from './qr.ts'
import { reportEndpoints } from './reports.ts'
import { sessionEndpoints } from './sessions.ts'
import { subscriptionEndpoints } from './subscriptions.ts'
import { twoFactorEndpoints } from './two-factor.ts'
import { webhookEndpoints } from './webhooks.ts'

/** What the endpoints need besides their calls. */
export interface EndpointOptions {
  readonly instance: Instance
  readonly credits: LookupCredits
  /** Aborted when the server stops. */
  readonly closing: AbortSignal
}

/** Every endpoint, in the order of the reference. */
export function allEndpoints({ instance, credits, closing }: EndpointOptions): readonly Endpoint[] {
  return [
    ...instanceEndpoints(instance),
    ...sessionEndpoints,
    ...ownSessionEndpoints,
    ...passwordResetEndpoints,
    ...accountEndpoints,
    ...twoFactorEndpoints,
    ...notificationEndpoints,
    ...teamEndpoints,
    ...invitationEndpoints,
    ...bulkEndpoints(),
    // Before the links: `export` is none of them.
    ...exportEndpoints(),
    ...linkEndpoints,
    ...qrEndpoints,
    ...reportEndpoints,
    ...liveEndpoints(closing),
    ...fileEndpoints,
    ...keyEndpoints,
    ...originEndpoints,
    ...webhookEndpoints,
    ...subscriptionEndpoints,
    ...orderEndpoints,
    ...usageEndpoints,
    ...lookupUsageEndpoints,
    ...lookupEndpoints(credits),
    ...auditEndpoints,
    ...operatorEndpoints(instance),
  ]
}
