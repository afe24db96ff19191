import { hash } from 'node:crypto'
import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireMember } from '#core/permissions.ts'
import { claimKey, findKeptAnswer, keepAnswer, type KeyedRequest, releaseKey } from './kept-answer-queries.ts'

/** How long an answer is kept from when its request came. */
const KEPT_MS = 24 * 60 * 60 * 1000
/** Longer than any request takes: an attempt that has not ended by then is lost. */
const LEASE_MS = 2 * 60 * 1000
/** Beyond it an answer is not kept: a request that answers so much is not made once more by accident. */
const MAX_ANSWER_LENGTH = 256 * 1024
const MAX_KEY_LENGTH = 255

declare const brand: unique symbol
/** A key that a client made up for one request, as {@link parseIdempotencyKey} accepts it. */
export type IdempotencyKey = string & { readonly [brand]: 'IdempotencyKey' }

/** What became of a request. */
export interface OnceOutcome {
  /** The answer, in whatever form the caller can answer it again. */
  readonly answer: string
  /** Whether the same request would be answered so once more; what a fault or a limit of the moment caused is not. */
  readonly isFinal: boolean
}

/** @throws DomainError `malformed-request` for anything but 1 to 255 visible ASCII characters */
export function parseIdempotencyKey(text: string): IdempotencyKey {
  if (!/^[!-~]+$/.test(text) || text.length > MAX_KEY_LENGTH)
    throw new DomainError('malformed-request', {
      problem: `Idempotency-Key must have 1 to ${MAX_KEY_LENGTH} visible ASCII characters`,
    })
  return text as IdempotencyKey
}

/**
 * Do a request of the acting team once for each idempotency key, and answer it again for a day.
 *
 * The answer is kept sealed, since it may show a secret. When the process is killed between doing and keeping, the
 * request can be done once more after two minutes.
 *
 * @param request `parts` are everything that makes it this request; who asks, and by which key, is added to them
 * @throws DomainError `unauthenticated`, `account-blocked`, `idempotency-key-reused` or `idempotency-key-busy`, and
 *   whatever the operation throws; nothing is kept then
 */
export async function answerOnce(
  ctx: Ctx,
  request: { readonly key: IdempotencyKey; readonly parts: readonly (string | Uint8Array)[] },
  operation: () => Promise<OnceOutcome>,
): Promise<{ readonly answer: string; readonly isReplayed: boolean }> {
  const { teamId, userId, keyId } = requireMember(ctx.actor)
  // Another member, or a key that may do less, is not shown what this one was answered.
  const fingerprint = fingerprintOf([`${userId} ${keyId ?? 'session'}`, ...request.parts])
  const keyed: KeyedRequest = { teamId, key: request.key, fingerprint }
  const attempt = ctx.random.base62(22)
  const nowMs = ctx.now().getTime()
  const isClaimed = await claimKey(ctx.db, keyed, {
    id: attempt,
    now: new Date(nowMs),
    leaseUntil: new Date(nowMs + LEASE_MS),
    expiresAt: new Date(nowMs + KEPT_MS),
  })
  if (!isClaimed) return { answer: await keptAnswer(ctx, keyed), isReplayed: true }

  let outcome: OnceOutcome
  try {
    outcome = await operation()
  } catch (error) {
    await releaseKey(ctx.db, attempt, keyed)
    throw error
  }
  if (outcome.isFinal && outcome.answer.length <= MAX_ANSWER_LENGTH)
    await keepAnswer(ctx.db, attempt, keyed, ctx.secrets.seal('kept-answer', outcome.answer))
  else await releaseKey(ctx.db, attempt, keyed)
  return { answer: outcome.answer, isReplayed: false }
}

async function keptAnswer(ctx: Ctx, request: KeyedRequest): Promise<string> {
  const kept = await findKeptAnswer(ctx.db, request)
  if (kept !== undefined && kept.fingerprint !== request.fingerprint)
    throw new DomainError('idempotency-key-reused', {})
  // Gone again: the first attempt came to nothing a moment ago, and the next one may begin.
  if (kept === undefined || kept.answer === null) throw new DomainError('idempotency-key-busy', {})
  return ctx.secrets.open('kept-answer', kept.answer)
}

/** A hash of parts that no other list of parts has. */
function fingerprintOf(parts: readonly (string | Uint8Array)[]): string {
  return hash('sha256', parts.map((part) => hash('sha256', part, 'hex')).join(' '), 'hex')
}
