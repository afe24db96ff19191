import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { enqueueMail } from '#core/mail/enqueue-mail.ts'
import { renderMail } from '#core/mail/render-mail.ts'
import type { RateLimit } from '#ports/rate-limiter.ts'
import type { Email, Password, User } from './account.ts'
import { findUser, findUserByEmail } from './account-queries.ts'
import { takeAttempt } from './attempts.ts'
import { storePassword } from './change-password.ts'
import { hashSecret } from './key-secret.ts'
import {
  deleteExpiredPasswordResets,
  deletePasswordReset,
  findPasswordReset,
  insertPasswordReset,
} from './password-reset-queries.ts'
import { recordAccountChange } from './record-account-change.ts'
import { requireSecondFactor } from './second-factor.ts'

/** Where a link to set a new password leads, behind the base URL; the token follows as `?token=`. */
export const RESET_PATH = '/app/reset'

/** How long a link to set a new password is of use. */
const RESET_TTL_MS = 60 * 60 * 1000
/** Base62 characters of a token: 256 random bits. */
const TOKEN_LENGTH = 43
/** Requests of one client (IPv6: of one /64), whosever account they are about. */
const PER_CLIENT: RateLimit = { name: 'password-reset-client', points: 10, windowS: 60 * 60 }
/** Requests about one e-mail address, whether it has an account or not. */
const PER_EMAIL: RateLimit = { name: 'password-reset-email', points: 3, windowS: 60 * 60 }
/** Tokens that one client shows, right or wrong. */
const CONFIRMATIONS: RateLimit = { name: 'password-reset-confirm', points: 30, windowS: 15 * 60 }

/**
 * Mail somebody who has forgotten the password a link to set another. What is answered, and how long that takes, is the
 * same whether the address has an account or not.
 *
 * @param request.clientKey what the client is limited by
 * @throws DomainError `rate-limited`
 */
export async function requestPasswordReset(
  ctx: Ctx,
  { email, clientKey }: { readonly email: Email; readonly clientKey: string },
): Promise<void> {
  await takeAttempt(ctx, PER_CLIENT, clientKey)
  await takeAttempt(ctx, PER_EMAIL, email)
  const user = (await findUserByEmail(ctx.db, email))?.user
  await inTransaction(ctx, async (tx) => {
    // For nobody as well, so that the database is written to in any case.
    await deleteExpiredPasswordResets(tx.db, tx.now())
    if (user?.status === 'active') await sendPasswordReset(tx, user)
  })
}

/**
 * Queue the mail with the link, inside a transaction.
 *
 * @param options.isNew whether it is the first word to the user: somebody else made the account
 */
export async function sendPasswordReset(tx: Services, user: User, { isNew = false } = {}): Promise<void> {
  const token = tx.random.base62(TOKEN_LENGTH)
  const createdAt = tx.now()
  const expiresAt = new Date(createdAt.getTime() + RESET_TTL_MS)
  await insertPasswordReset(tx.db, { tokenHash: hashSecret(token), userId: user.id, createdAt, expiresAt })
  const { host } = new URL(tx.settings.baseUrl)
  await enqueueMail(tx, {
    to: user.email,
    subject: isNew ? `Your account at ${host}` : `Set a new password for ${host}`,
    ...renderMail({
      heading: isNew ? `Welcome to ${host}` : 'Set a new password',
      paragraphs: isNew
        ? [
            `An account was made for ${user.email} at ${host}. Set a password to use it.`,
            'The link works once, for an hour. After that, say that you have forgotten the password.',
          ]
        : [
            `Somebody, probably you, asked for a new password of the account ${user.email} at ${host}.`,
            'The link works once, for an hour. Setting a password signs out everything that was signed in.',
            'If it was not you, do nothing: the password stays as it is.',
          ],
      action: { label: 'Set a password', url: `${tx.settings.baseUrl}${RESET_PATH}?token=${token}` },
    }),
  })
}

/**
 * Set a new password by the token of a mail, which is used up then, as are all others of the account. Whatever was signed
 * in ends, as with any new password. A second factor is asked for as at logging in.
 *
 * @throws DomainError `rate-limited`, `password-reset-invalid`, `two-factor-needed` or `two-factor-wrong`
 */
export async function confirmPasswordReset(
  ctx: Ctx,
  confirmation: {
    readonly token: string
    readonly password: Password
    readonly code?: string | undefined
    readonly clientKey: string
  },
): Promise<void> {
  const { token, password, code, clientKey } = confirmation
  await takeAttempt(ctx, CONFIRMATIONS, clientKey)
  const tokenHash = hashSecret(token)
  const userId = await findPasswordReset(ctx.db, tokenHash, ctx.now())
  const user = userId === undefined ? undefined : await findUser(ctx.db, userId)
  if (user?.status !== 'active') throw new DomainError('password-reset-invalid', {})
  await requireSecondFactor(ctx, user.id, code)
  const passwordHash = await ctx.passwords.hash(password)
  await inTransaction(ctx, async (tx) => {
    const isUnused = await deletePasswordReset(tx.db, tokenHash)
    if (!isUnused || !(await storePassword(tx, user, passwordHash)))
      throw new DomainError('password-reset-invalid', {})
    await recordAccountChange(tx, user, { action: 'account.password-reset', userId: user.id })
  })
}
