import type { Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { RateLimit } from '#ports/rate-limiter.ts'
import { takeAttempt } from './attempts.ts'
import { hashRecoveryCode, isRecoveryCode, plainCode } from './recovery-codes.ts'
import { matchingStep } from './totp.ts'
import { findTwoFactor, useRecoveryCode, useStep } from './two-factor-queries.ts'

/**
 * Codes of one account, right or wrong. Three of a million codes are right at any time: whoever knows the password and
 * guesses without pause is let in after four years, on average.
 */
const CODES: RateLimit = { name: 'two-factor', points: 10, windowS: 60 * 60 }

/**
 * Ask for the second factor of a user whose password was right, and use the code up: one of the authenticator app, or
 * a recovery code. Whoever has no second factor needs no code.
 *
 * @param code as it was typed; spaces and hyphens in it do not matter
 * @throws DomainError `two-factor-needed` without a code, `rate-limited`, or `two-factor-wrong`
 */
export async function requireSecondFactor(
  services: Services,
  userId: number,
  code: string | undefined,
): Promise<void> {
  const factor = await findTwoFactor(services.db, userId)
  if (factor === undefined || factor.confirmedAt === null) return
  const plain = plainCode(code ?? '')
  if (plain === '') throw new DomainError('two-factor-needed', {})
  await takeCodeAttempt(services, userId)
  const isRight = isRecoveryCode(plain)
    ? await useRecoveryCode(services.db, userId, hashRecoveryCode(services.secrets, userId, plain))
    : await useAppCode(services, userId, { sealedSecret: factor.sealedSecret, code: plain })
  if (!isRight) throw new DomainError('two-factor-wrong', {})
}

/** @throws DomainError `rate-limited` after ten codes of an account in an hour */
export async function takeCodeAttempt(services: Services, userId: number): Promise<void> {
  await takeAttempt(services, CODES, String(userId))
}

/**
 * The time step a code of the authenticator app is of, if it is of any that is taken now.
 *
 * @throws Error when the installation has another master key than when the secret was drawn
 */
export function stepOfCode(services: Services, sealedSecret: string, code: string): number | undefined {
  return matchingStep(openSecret(services, sealedSecret), plainCode(code), services.now())
}

function openSecret(services: Services, sealedSecret: string): string {
  try {
    return services.secrets.open('two-factor', sealedSecret)
  } catch (cause) {
    const repair = 'restore that key, or let the account in with `onehop user two-factor-off EMAIL`'
    throw new Error(`a second factor was sealed under another master key: ${repair}`, { cause })
  }
}

async function useAppCode(
  services: Services,
  userId: number,
  { sealedSecret, code }: { readonly sealedSecret: string; readonly code: string },
): Promise<boolean> {
  const step = stepOfCode(services, sealedSecret, code)
  return step !== undefined && (await useStep(services.db, userId, step))
}
