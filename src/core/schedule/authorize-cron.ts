import { createHash, timingSafeEqual } from 'node:crypto'
import { takeAttempt } from '#core/accounts/attempts.ts'
import type { Ctx, Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireOperator } from '#core/permissions.ts'
import type { RateLimit } from '#ports/rate-limiter.ts'

/** Attempts from one address (IPv6: one /64), the right ones included. */
const PER_CLIENT: RateLimit = { name: 'cron-client', points: 30, windowS: 60 }

/** What opens `/api/cron`: the operator's choice, else drawn from the installation's master key. */
export function cronSecret({ secrets, settings }: Pick<Services, 'secrets' | 'settings'>): string {
  return settings.cronSecret ?? Buffer.from(secrets.key('cron')).toString('base64url')
}

/**
 * Let an external scheduler pass by its secret, or an operator by a credential.
 *
 * @throws DomainError `rate-limited`; `unauthenticated` for a wrong secret, whatever else is shown, and for none without
 *   a credential; `forbidden` or `role-required` for a credential that is no operator's
 */
export async function authorizeCron(
  ctx: Ctx,
  attempt: { readonly secret: string | undefined; readonly clientKey: string },
): Promise<void> {
  await takeAttempt(ctx, PER_CLIENT, attempt.clientKey)
  if (attempt.secret === undefined) {
    requireOperator(ctx.actor)
    return
  }
  // Hashes are of one length, whatever was guessed.
  if (!timingSafeEqual(sha256(attempt.secret), sha256(cronSecret(ctx))))
    throw new DomainError('unauthenticated', { reason: 'unknown' })
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
